import { statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Machine } from '../../host/machine.ts'
import { reflink } from '../disks/copy-disk.ts'
import { expectSpareSpace, makeRoom } from '../disks/space.ts'
import { writeWithoutZeros } from '../disks/sparse-file.ts'
import type { Progress } from '../types.ts'
import { refused } from './refused.ts'
import { identityOf, readResume, writeResume } from './resume.ts'
import type { Source } from './source.ts'

const chunkBytes = 4 * 1024 * 1024
/** After so many bytes, what was copied goes to the disk for good, and that is written down. */
const stepBytes = 256 * 1024 * 1024

type RawCopy = {
  machine: Machine
  /** The unfinished cartridge. */
  folder: string
  source: Source & { kind: 'file' }
  to: string
  onProgress: Progress
  signal: AbortSignal | undefined
}

/** Copies a raw disk into `to`: by shared blocks where that can be, else by bytes, from where an interrupted copy came to. */
export async function copyRaw(copy: RawCopy): Promise<void> {
  const { machine, folder, source, to, onProgress, signal } = copy
  const identity = await identityOf(source)
  const start = startOf(copy, identity)
  if (start === 0 && !source.isDevice && (await reflink(`/dev/fd/${source.file.fd}`, to))) return
  await makeRoom(machine, source.isDevice ? 0 : Math.max(0, source.allocated - start))
  const target = await open(to, start === 0 ? 'w' : 'r+', 0o600)
  try {
    // What was written after the last step is not known to be whole.
    await target.truncate(start)
    for (let from = start; from < source.size; ) {
      const end = Math.min(from + stepBytes, source.size)
      await copyStep(source, target, from, end, (done) => {
        signal?.throwIfAborted()
        onProgress(done, source.size)
      })
      await target.truncate(end)
      await target.datasync()
      if (identity !== undefined) writeResume(folder, { source: identity, done: end })
      expectSpareSpace(folder)
      from = end
    }
  } finally {
    await target.close()
  }
}

/** Where an interrupted copy of the same source came to; 0 without one. */
function startOf({ folder, source, to }: RawCopy, identity: string | undefined): number {
  const resume = readResume(folder)
  if (resume === undefined || resume.source !== identity || resume.done > source.size) return 0
  const size = statSync(to, { throwIfNoEntry: false })?.size ?? 0
  return size >= resume.done ? resume.done : 0
}

async function copyStep(
  source: RawCopy['source'],
  target: FileHandle,
  from: number,
  end: number,
  onDone: (done: number) => void,
): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - from))
  for (let done = from; done < end; ) {
    const { bytesRead } = await source.file.read(chunk, 0, Math.min(chunk.length, end - done), done)
    if (bytesRead === 0) throw refused(source.name, `became shorter while it was read, ${done} bytes`)
    await writeWithoutZeros(target, chunk.subarray(0, bytesRead), done)
    done += bytesRead
    onDone(done)
  }
}
