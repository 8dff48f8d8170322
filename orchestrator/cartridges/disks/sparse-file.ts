import { type FileHandle, open } from 'node:fs/promises'

/** Zeros are left out in runs of this size; also the unit in which filesystems can leave holes. */
const holeBytes = 64 * 1024
const zeros = Buffer.alloc(holeBytes)

/**
 * Writes a chunk into a file without its runs of zeros. Where nothing was ever written, a file reads as zeros, so
 * the target must be new, or end before `position`.
 */
export async function writeWithoutZeros(to: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let start = 0; start < chunk.length; ) {
    const isHole = (at: number) => {
      const piece = chunk.subarray(at, at + holeBytes)
      return piece.equals(zeros.subarray(0, piece.length))
    }
    let end = start
    while (end < chunk.length && !isHole(end)) end += holeBytes
    end = Math.min(end, chunk.length)
    for (let at = start; at < end; ) {
      at += (await to.write(chunk, at, end - at, position + at)).bytesWritten
    }
    start = end === start ? start + holeBytes : end
  }
}

/** The next multiple of a sector's 512 bytes. */
export function wholeSectors(bytes: number): number {
  return Math.ceil(bytes / 512) * 512
}

/** Gives a disk its final length and mode, and makes it survive a power cut. */
export async function finishDisk(path: string, size: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.chmod(0o600)
    await file.truncate(size)
    await file.sync()
  } finally {
    await file.close()
  }
}
