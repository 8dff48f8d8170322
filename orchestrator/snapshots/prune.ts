import { type StateStore, stateStore } from '../cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../host/btrfs-search.ts'
import { inGibibytes } from '../host/free-space.ts'
import { log } from '../host/log.ts'
import { changing } from './change.ts'
import { readPolicy } from './floor.ts'
import { type Places, placesOf } from './places.ts'
import { protectedSnapshots } from './protect.ts'
import { removeSnapshot } from './remove.ts'
import { planRetention } from './retention.ts'
import { asSnapshot, knownSnapshots } from './timeline.ts'
import type { RetentionPlan, RetentionPolicy } from './types.ts'

export type PruneOptions = {
  now?: Date
  /** Whether more goes, oldest first, while too little is free; so unless given. */
  forSpace?: boolean
  /** Nothing more goes after this moment of performance.now(). */
  deadline?: number
}

/** What pruning would keep and remove now. Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`. */
export function readRetentionPlan(root: string, name: string): RetentionPlan {
  const places = placesOf(root, name)
  return planNow(places, readPolicy(root), new Date(), stateStore(places.folder).freeBytes())
}

/**
 * Removes what the policy does not keep, and more, oldest first, while too little is free.
 * Throws DeskvisorError `no-such-cartridge` (exit 2), `busy`, `read-only`, `timeline-unusable`.
 */
export async function prune(
  root: string,
  name: string,
  options: PruneOptions = {},
): Promise<{ removed: string[] }> {
  return changing(root, name, async (places, store) => ({
    removed: await pruneNow(places, store, readPolicy(root), options),
  }))
}

/** The same, for use while the lock is held. */
export async function pruneNow(
  places: Places,
  store: StateStore,
  policy: RetentionPolicy,
  { now = new Date(), forSpace = true, deadline = Number.POSITIVE_INFINITY }: PruneOptions = {},
): Promise<string[]> {
  const removed: string[] = []
  while (performance.now() < deadline) {
    if (forSpace && !(await isFreed(places, store, policy))) break
    const { remove } = planNow(places, policy, now, forSpace ? store.freeBytes() : null)
    if (remove.length === 0) break
    for (const { name } of remove.reverse()) {
      await removeSnapshot(places, store, name)
      removed.push(name)
    }
  }
  return removed
}

/** What was removed frees its space later: a plan that does not wait for that removes more than is needed. */
async function isFreed(places: Places, store: StateStore, policy: RetentionPolicy): Promise<boolean> {
  if (store.freeBytes() >= policy.freeFloorBytes) return true
  if (await removedSubvolumesAreFreed(places.folder)) return true
  log.warning(`The space of what was removed is not free yet; ${inGibibytes(store.freeBytes())} are.`)
  return false
}

function planNow(
  places: Places,
  policy: RetentionPolicy,
  now: Date,
  freeBytes: number | null,
): RetentionPlan {
  const newestFirst = knownSnapshots(places).map(asSnapshot).reverse()
  const protect = protectedSnapshots(places, newestFirst, now)
  return planRetention(newestFirst, policy, { now, freeBytes, protect })
}
