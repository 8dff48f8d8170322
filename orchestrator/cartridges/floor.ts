import { loadConfig } from '../config/index.ts'
import { freeFloorBytes, freeSpace } from '../host/free-space.ts'

/** A folder on a data partition, and the tree of which machine that is in; paths.ts. */
const dataFolder = /^(.*)\/var\/lib\/deskvisor(?:\/|$)/

/**
 * Bytes that may be written to the filesystem of `folder` before the rest is needed for what the guest writes, less than
 * none when it is too full already; and that floor. Outside of a data partition everything may be used.
 */
export function spaceAbove(folder: string): { spareBytes: number; floorBytes: number } {
  const { freeBytes, totalBytes } = freeSpace(folder)
  const root = dataFolder.exec(folder)?.[1]
  if (root === undefined) return { spareBytes: freeBytes, floorBytes: 0 }
  const { free_floor_gib: floor } = loadConfig(root || '/').config.snapshots
  const floorBytes = freeFloorBytes(floor, totalBytes)
  return { spareBytes: freeBytes - floorBytes, floorBytes }
}
