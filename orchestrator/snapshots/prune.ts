import { setTimeout as sleep } from 'node:timers/promises'
import { type StateStore, stateStore } from '../cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../host/btrfs-search.ts'
import { log } from '../host/log.ts'
import { changing } from './change.ts'
import { inGibibytes, readPolicy } from './floor.ts'
import { type Places, placesOf } from './places.ts'
import { protectedSnapshots } from './protect.ts'
import { removeSnapshots } from './remove.ts'
import { planRetention } from './retention.ts'
import { asSnapshots, knownSnapshots } from './timeline.ts'
import type { RetentionPlan, RetentionPolicy } from './types.ts'
import { isBusy, lookAgainMs, whenFree } from './when-free.ts'

/** How long pruning keeps others from the cartridge at a time, and how long it waits for its turn in between. */
const pieceMs = 300
const waitMs = 10_000
/** How long the space of what was removed is waited for. */
const freedMs = 30_000

/** What pruning would keep and remove now. Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`. */
export function readRetentionPlan(root: string, name: string): RetentionPlan {
  const places = placesOf(root, name)
  return planNow(places, stateStore(places.folder), readPolicy(places), new Date())
}

/**
 * Removes what the policy does not keep, and more, oldest first, while too little is free. In short pieces, between which
 * a start of the desktop gets its turn. Throws DeskvisorError `no-such-cartridge` (exit 2), `busy` before anything was
 * removed, `read-only`, `timeline-unusable`.
 */
export async function prune(root: string, name: string): Promise<{ removed: string[] }> {
  const removed: string[] = []
  const piece = (places: Places, store: StateStore) =>
    removePlanned(places, store, readPolicy(places), new Date(), performance.now() + pieceMs)
  for (;;) {
    const gone = await whenFree(removed.length > 0 ? waitMs : 0, () => changing(root, name, piece)).catch(
      (error: unknown) => {
        if (removed.length > 0 && isBusy(error)) return []
        throw error
      },
    )
    removed.push(...gone)
    const places = placesOf(root, name)
    if (gone.length === 0) return { removed }
    if (!(await isCounted(places, stateStore(places.folder), readPolicy(places)))) return { removed }
    await sleep(2 * lookAgainMs)
  }
}

/** The same, for use while the lock is held; ends after `longestMs`. */
export async function pruneNow(
  places: Places,
  store: StateStore,
  policy: RetentionPolicy,
  now: Date,
  longestMs = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const removed: string[] = []
  for (const deadline = performance.now() + longestMs; performance.now() < deadline; ) {
    const gone = await removePlanned(places, store, policy, now, deadline)
    removed.push(...gone)
    if (gone.length === 0) break
    if (!(await isCounted(places, store, policy, deadline - performance.now()))) break
  }
  return removed
}

/** Removes what the plan does not keep, oldest first, as far as it comes by then. */
async function removePlanned(
  places: Places,
  store: StateStore,
  policy: RetentionPolicy,
  now: Date,
  deadline: number,
): Promise<string[]> {
  const { remove } = planNow(places, store, policy, now)
  const names = remove.map(({ name }) => name).reverse()
  return removeSnapshots(places, store, names, () => performance.now() < deadline)
}

/** Where space is short, the plan may go further only when the space that was made is counted: waits for that. */
async function isCounted(
  { folder }: Places,
  store: StateStore,
  { freeFloorBytes }: RetentionPolicy,
  longestMs = freedMs,
): Promise<boolean> {
  if (store.freeBytes() >= freeFloorBytes) return true
  if (await removedSubvolumesAreFreed(folder, Math.min(longestMs, freedMs))) return true
  log.warning(`The space of removed moments is not free yet; ${inGibibytes(store.freeBytes())} are.`)
  return false
}

function planNow(places: Places, store: StateStore, policy: RetentionPolicy, now: Date): RetentionPlan {
  const snapshots = asSnapshots(knownSnapshots(places)).reverse()
  const protect = protectedSnapshots(places, now)
  return planRetention(snapshots, policy, { now, freeBytes: store.freeBytes(), protect })
}
