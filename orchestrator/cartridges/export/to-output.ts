import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { chunksOf } from '../chunks.ts'
import type { DiskExport } from './disk-file.ts'

/** Writes the whole disk to standard output, holes as zeros. */
export async function writeToOutput(request: DiskExport): Promise<void> {
  const { signal, verify } = request
  await pipeline(Readable.from(toldBytes(request)), process.stdout, {
    end: false,
    ...(signal ? { signal } : {}),
  })
  await verify()
}

async function* toldBytes({ disk, onProgress }: DiskExport): AsyncGenerator<Buffer> {
  const { size } = await disk.stat()
  let done = 0
  for await (const chunk of chunksOf(disk, size)) {
    yield chunk
    done += chunk.length
    onProgress(done, size)
  }
}
