import { constants } from 'node:fs'
import { copyFile, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DeskvisorError } from '../../host/errors.ts'
import { inGibibytes, inMebibytes, roomIn, spareBytes } from '../../space/index.ts'
import type { Progress } from '../types.ts'
import { finishDisk, writeWithoutZeros } from './sparse-file.ts'

const chunkBytes = 4 * 1024 * 1024

/**
 * Copies a raw disk of `size` bytes from a file or block device into a new file, and fsyncs it. Shares the blocks where
 * the filesystem can (FICLONE), else leaves runs of zeros out. Throws DeskvisorError `no-space` before writing
 * when the allocated bytes of the source do not fit above what must stay free.
 */
export async function copyDisk(
  source: string,
  target: string,
  size: number,
  allocatedBytes: number,
  onProgress: Progress,
): Promise<void> {
  if (!(await reflink(source, target))) {
    refuseWithoutSpace(dirname(target), allocatedBytes)
    await copySparse(source, target, size, onProgress)
  }
  await finishDisk(target, size)
  onProgress(size, size)
}

/** Shares the blocks of a file with a new one; false where that cannot be, and then nothing is there. */
export async function reflink(source: string, target: string): Promise<boolean> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    // Another filesystem, a block device, or no support for shared blocks: a plain copy does it.
    return false
  }
}

function refuseWithoutSpace(folder: string, neededBytes: number): void {
  const room = roomIn(folder)
  const [spare, { floorBytes }] = [spareBytes(room), room]
  if (spare >= neededBytes) return
  const beside = floorBytes > 0 ? ` beside the ${inGibibytes(floorBytes)} that must stay free` : ''
  throw new DeskvisorError(
    'no-space',
    `The disk needs ${inMebibytes(neededBytes)}, and only ${inMebibytes(Math.max(0, spare))} are free${beside}.`,
    { next: { do: 'free-space' } },
  )
}

async function copySparse(source: string, target: string, size: number, onProgress: Progress): Promise<void> {
  const from = await open(source, 'r')
  try {
    const to = await open(target, 'w', 0o600)
    try {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, size))
      for (let done = 0; done < size; ) {
        const { bytesRead } = await from.read(chunk, 0, chunk.length, done)
        if (bytesRead === 0) break
        await writeWithoutZeros(to, chunk.subarray(0, bytesRead), done)
        done += bytesRead
        onProgress(Math.min(done, size), size)
      }
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}
