import { isBtrfs } from '../host/btrfs.ts'
import { btrfsSpace } from '../host/btrfs-space.ts'
import { oneLine } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { run } from '../host/process.ts'

/** Block groups (btrfs's pieces of 1 GiB, less on small disks) that are fuller than this are not worth what moving them costs. */
const fullestPercent = [10, 30, 60] as const
const mostAtATime = 8

/**
 * Gives btrfs's own tables room that is set aside for contents of files and hardly used, so that no snapshot has to go for it:
 * what is in some emptier block groups moves into others (btrfs-balance(8)). `isEnough` is asked in between. Never throws.
 */
export async function reclaimForMetadata(folder: string, isEnough: () => boolean): Promise<void> {
  if (!isBtrfs(folder)) return
  for (const percent of fullestPercent) {
    const { data, isMixed } = btrfsSpace(folder)
    // Of less than half a GiB nothing can be given back that would matter.
    if (isMixed || isEnough() || data.total - data.used < smallestBytes(data.total)) return
    const filter = `-dusage=${percent},limit=${mostAtATime}`
    const { status, stderr } = await run('btrfs', ['balance', 'start', filter, folder])
    if (status === 0) continue
    log.warning(`Room for the file system's own tables was not reclaimed: ${oneLine(stderr)}`)
    return
  }
}

function smallestBytes(total: number): number {
  return Math.min(2 ** 29, total / 8)
}
