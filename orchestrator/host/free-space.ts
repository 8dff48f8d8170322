import { statfsSync } from 'node:fs'

const gibibyte = 2 ** 30
/** Of the whole, for a floor that is `auto`. */
const floorShare = 1 / 20
const largestFloor = 20 * gibibyte

export type FreeSpace = { freeBytes: number; totalBytes: number }

/** What can still be written to the filesystem of a folder, and how large that is. Throws the errno of statfs(2). */
export function freeSpace(folder: string): FreeSpace {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/**
 * How many bytes of a filesystem must stay free for what the guest writes: `[snapshots] free_floor_gib` of
 * deskvisor.toml, where `auto` is a twentieth of the whole, at most 20 GiB. One floor holds for everything that is kept.
 */
export function freeFloorBytes(setting: number | 'auto', totalBytes: number): number {
  return setting === 'auto' ? Math.min(largestFloor, totalBytes * floorShare) : setting * gibibyte
}

/** Rounded up: what is needed fits then. */
export function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

export function inGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`
}
