import { statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { isBtrfs } from '../../host/btrfs.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { freeSpace, inMebibytes, roomIn, spareBytes } from '../../space/index.ts'

/**
 * How much a file of the disk may take in this folder. Where that may be the data partition, what the machine needs to go
 * on working stays free: each subvolume of a btrfs has a device number of its own, so any btrfs may be it.
 */
export async function roomFor(disk: FileHandle, folder: string) {
  const { size, blocks, dev } = await disk.stat()
  const needed = Math.min(size, blocks * 512)
  const mayBeData = isBtrfs(folder) || statSync(folder).dev === dev
  const free = () => (mayBeData ? Math.max(0, spareBytes(roomIn(folder))) : freeSpace(folder).freeBytes)
  return {
    /** Throws DeskvisorError `no-space` when the data of the disk does not fit. */
    expectEnough() {
      if (free() < needed)
        throw tooLittle(
          `The file needs ${inMebibytes(needed)}, and only ${inMebibytes(free())} can be used there.`,
        )
    },
    /** The same for the middle of the writing, when something else fills the place as well. */
    expectSpare() {
      if (mayBeData && free() === 0) throw tooLittle('The data partition became full.')
    },
  }
}

function tooLittle(sentence: string): DeskvisorError {
  return new DeskvisorError('no-space', sentence, {
    next: 'Choose a folder on another drive, or make room there.',
  })
}
