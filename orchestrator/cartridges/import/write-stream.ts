import { open } from 'node:fs/promises'
import { DeskvisorError } from '../../host/errors.ts'
import { expectSpareSpace, largestDisk } from '../disks/space.ts'
import { writeWithoutZeros } from '../disks/sparse-file.ts'

/** After so many bytes, what was written goes to the disk and the free space is looked at. */
const stepBytes = 64 * 1024 * 1024

/**
 * Writes a stream into a new file without its zeros, and resolves with its length in bytes. A bomb ends where the free
 * space reaches its floor or the disk would be larger than any: DeskvisorError `no-space`, `bad-size` (exit 2).
 */
export async function writeStream(
  path: string,
  folder: string,
  bytes: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const largest = largestDisk(folder)
  const file = await open(path, 'w', 0o600)
  let position = 0
  try {
    let nextStep = stepBytes
    for await (const chunk of bytes) {
      signal?.throwIfAborted()
      if (position + chunk.length > largest) throw tooLarge()
      await writeWithoutZeros(file, chunk, position)
      position += chunk.length
      if (position < nextStep) continue
      await file.datasync()
      expectSpareSpace(folder)
      nextStep = position + stepBytes
    }
    signal?.throwIfAborted()
    await file.truncate(position)
    await file.datasync()
    return position
  } finally {
    await file.close()
  }
}

function tooLarge(): DeskvisorError {
  return new DeskvisorError('bad-size', 'What is in it is too large for this machine; nothing was kept.')
}
