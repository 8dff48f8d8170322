import { statfsSync } from 'node:fs'
import { removedSubvolumesAreFreed } from '../host/btrfs-search.ts'
import { DeskvisorError } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { emptyTrash } from './empty-trash.ts'

const gibibyte = 2 ** 30
/** No desktop has a disk larger than this. */
const maxBytes = 16 * 1024 * gibibyte

/**
 * The largest disk that is believed on the filesystem of `folder`, in bytes: disks are sparse and may be larger than
 * what is free, but one that is more than four times the whole filesystem could only break when the guest fills it.
 */
export function largestDisk(folder: string): number {
  const { blocks, bsize } = statfsSync(folder)
  return Math.min(maxBytes, 4 * blocks * bsize)
}

/** Throws DeskvisorError `bad-size` (exit 2) for a disk size that is no size, or beyond `largestDisk`. */
export function checkDiskSize(folder: string, bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new DeskvisorError('bad-size', `${bytes} is not the size of a disk; expected bytes above 0.`, {
      exitCode: 2,
    })
  }
  const largest = largestDisk(folder)
  if (bytes <= largest) return
  throw new DeskvisorError(
    'bad-size',
    `A disk of ${inGibibytes(bytes)} is too large for this machine; at most ${inGibibytes(largest)} fit its data partition.`,
    { exitCode: 2 },
  )
}

/** Bytes that may be written to the filesystem of `folder` before the rest is needed to keep the machine working. */
export function spareBytes(folder: string): number {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const floor = Math.min(gibibyte, (blocks * bsize) / 20)
  return bavail * bsize - floor
}

/** Throws DeskvisorError `no-space` when the floor of free space is reached; for the middle of long writing. */
export function expectSpareSpace(folder: string): void {
  if (spareBytes(folder) > 0) return
  throw new DeskvisorError('no-space', 'The data partition became full; nothing was kept.', {
    hint: 'Make room on the data partition, then try again.',
  })
}

/**
 * Sees to it that so many bytes can be written, by emptying the trash, oldest first, as far as that is needed.
 * Throws DeskvisorError `no-space`.
 */
export async function makeRoom(root: string, neededBytes: number): Promise<void> {
  const folder = paths(root).cartridges
  if (spareBytes(folder) < neededBytes) {
    const isEnough = () => spareBytes(folder) >= neededBytes
    const enough = async () => isEnough() || ((await removedSubvolumesAreFreed(folder)) && isEnough())
    await emptyTrash(root, { enough })
  }
  const spare = Math.max(0, spareBytes(folder))
  if (spare >= neededBytes) return
  throw new DeskvisorError(
    'no-space',
    `This needs ${inMebibytes(neededBytes)}, and only ${inMebibytes(spare)} can be used.`,
    { hint: 'Make room on the data partition, then try again.' },
  )
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

function inGibibytes(bytes: number): string {
  return `${Math.ceil(bytes / gibibyte)} GiB`
}
