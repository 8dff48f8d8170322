import { statfsSync } from 'node:fs'
import { isBtrfs } from '../host/btrfs.ts'
import { btrfsSpace } from '../host/btrfs-space.ts'

const gibibyte = 2 ** 30

export type FreeSpace = {
  /** What can still be written as contents of files. */
  freeBytes: number
  totalBytes: number
  /** The same for the tables in which btrfs keeps what is where; null where that is no limit of its own. */
  metadataBytes: number | null
}

/** How much of the filesystem of a folder is free. Throws the errno of statfs(2). */
export function freeSpace(folder: string): FreeSpace {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, metadataBytes: freeMetadata(folder) }
}

/** When it is used up, a btrfs is full to everybody, however much room statfs(2) reports for contents. */
function freeMetadata(folder: string): number | null {
  if (!isBtrfs(folder)) return null
  const { metadata, unallocated, metadataCopies } = btrfsSpace(folder)
  return metadata.total - metadata.used + Math.floor(unallocated / metadataCopies)
}

/** Rounded up: what is needed fits then. */
export function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

export function inGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`
}
