import { join } from 'node:path'
import type { StateStore } from '../cartridges/index.ts'
import { discardAll } from './discard.ts'
import { changeNotes, removeNotes } from './notes.ts'
import type { Places } from './places.ts'
import { knownSnapshots } from './timeline.ts'

/** Removes a snapshot that is there, and what is noted about it. Those that stood behind it stay in their order. */
export async function removeSnapshot(places: Places, store: StateStore, snapshot: string): Promise<void> {
  await removeSnapshots(places, store, [snapshot])
}

/** So many go at a time: the disk is waited for once for all of them. */
const together = 10

/**
 * The same for several, a few at a time: the timeline is read once. Ends early, but not before the first few are gone,
 * when `goOn` says no. Gives the names of those that are gone.
 */
export async function removeSnapshots(
  places: Places,
  store: StateStore,
  snapshots: readonly string[],
  goOn: () => boolean = () => true,
): Promise<string[]> {
  const order = new Order(knownSnapshots(places))
  const removed: string[] = []
  while (removed.length < snapshots.length && (removed.length === 0 || goOn())) {
    const few = snapshots.slice(removed.length, removed.length + together)
    for (const snapshot of few) {
      const { followers, before } = order.remove(snapshot)
      for (const follower of followers) changeNotes(places, follower, { after: before })
    }
    await discardAll(
      store,
      few.map((snapshot) => join(places.snapshots, snapshot)),
    )
    removeNotes(places, ...few)
    removed.push(...few)
  }
  return removed
}

/** Who stands where, and who says so by name (order.ts), while some are taken out. */
class Order {
  readonly #before = new Map<string, string | null>()
  readonly #behind = new Map<string, string | null>()
  readonly #followers = new Map<string, string[]>()

  constructor(oldestFirst: readonly { name: string; after: string | null }[]) {
    for (const [index, { name, after }] of oldestFirst.entries()) {
      this.#before.set(name, oldestFirst[index - 1]?.name ?? null)
      this.#behind.set(name, oldestFirst[index + 1]?.name ?? null)
      if (after !== null) this.#follow(after, name)
    }
  }

  /** Takes one out; those that named it are to name the one before it. */
  remove(name: string): { followers: string[]; before: string | null } {
    const before = this.#before.get(name) ?? null
    const behind = this.#behind.get(name) ?? null
    if (before !== null) this.#behind.set(before, behind)
    if (behind !== null) this.#before.set(behind, before)
    const followers = (this.#followers.get(name) ?? []).filter((follower) => this.#before.has(follower))
    this.#before.delete(name)
    if (before !== null) for (const follower of followers) this.#follow(before, follower)
    return { followers, before }
  }

  #follow(name: string, follower: string): void {
    const others = this.#followers.get(name)
    if (others) others.push(follower)
    else this.#followers.set(name, [follower])
  }
}
