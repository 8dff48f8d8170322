import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stateFiles } from '../../cartridges/index.ts'
import { isBtrfs } from '../../host/btrfs.ts'
import { haveSameBlocks } from '../../host/extents.ts'

/** A copy by bytes keeps times to the microsecond; nothing is copied and written to again within that. */
const toleratedNs = 10_000n

/**
 * Whether two states or snapshots hold the same: every file but state.json has the same size and was written last at the
 * same moment. A write changes a file's time, and a copy keeps it, so no data is read and nothing need be synced before.
 * A power cut may lose the time of a write that itself is on the disk, so on btrfs the files are in the same blocks as well.
 */
export function sameContent(one: string, other: string): boolean {
  return sameFolder(one, other, basename(stateFiles(one).description))
}

function sameFolder(one: string, other: string, except?: string): boolean {
  const names = readdirSync(one).filter((name) => name !== except)
  const others = readdirSync(other).filter((name) => name !== except)
  return names.length === others.length && names.every((name) => sameFile(join(one, name), join(other, name)))
}

function sameFile(one: string, other: string): boolean {
  const [stats, others] = [statsOf(one), statsOf(other)]
  if (stats === undefined || others === undefined) return false
  if (stats.isDirectory()) return others.isDirectory() && sameFolder(one, other)
  if (stats.isFile() !== others.isFile() || stats.size !== others.size) return false
  const apart = stats.mtimeNs - others.mtimeNs
  if (apart >= toleratedNs || apart <= -toleratedNs) return false
  return !stats.isFile() || !isBtrfs(one) || haveSameBlocks(one, other)
}

function statsOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}
