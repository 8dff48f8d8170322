import { type StateStore, stateStore } from '../cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../host/btrfs-search.ts'
import { log } from '../host/log.ts'
import { changing } from './change.ts'
import { inGibibytes, readPolicy } from './floor.ts'
import { type Places, placesOf } from './places.ts'
import { protectedSnapshots } from './protect.ts'
import { removeSnapshot } from './remove.ts'
import { planRetention } from './retention.ts'
import { asSnapshot, knownSnapshots } from './timeline.ts'
import type { RetentionPlan, RetentionPolicy } from './types.ts'

/** What pruning would keep and remove now. Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`. */
export function readRetentionPlan(root: string, name: string): RetentionPlan {
  const places = placesOf(root, name)
  return planNow(places, stateStore(places.folder), readPolicy(places), new Date())
}

/**
 * Removes what the policy does not keep, and more, oldest first, while too little is free.
 * Throws DeskvisorError `no-such-cartridge` (exit 2), `busy`, `read-only`, `timeline-unusable`.
 */
export async function prune(root: string, name: string): Promise<{ removed: string[] }> {
  return changing(root, name, async (places, store) => ({
    removed: await pruneNow(places, store, readPolicy(places), new Date()),
  }))
}

/** The same, for use while the lock is held. */
export async function pruneNow(
  places: Places,
  store: StateStore,
  policy: RetentionPolicy,
  now: Date,
): Promise<string[]> {
  const removed: string[] = []
  for (;;) {
    const { remove } = planNow(places, store, policy, now)
    if (remove.length === 0) return removed
    for (const { name } of remove.reverse()) {
      await removeSnapshot(places, store, name)
      removed.push(name)
    }
    // The plan may go further only when the space that this one made was counted.
    if (store.freeBytes() >= policy.freeFloorBytes) continue
    if (!(await removedSubvolumesAreFreed(places.folder))) {
      log.warning(`The space of removed moments is not free yet; ${inGibibytes(store.freeBytes())} are.`)
      return removed
    }
  }
}

function planNow(places: Places, store: StateStore, policy: RetentionPolicy, now: Date): RetentionPlan {
  const snapshots = knownSnapshots(places).map(asSnapshot).reverse()
  const protect = protectedSnapshots(places, now)
  return planRetention(snapshots, policy, { now, freeBytes: store.freeBytes(), protect })
}
