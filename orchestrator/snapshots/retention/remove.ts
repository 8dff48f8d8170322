import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { changeNotes, forgetNotes } from '../timeline/notes.ts'
import { knownSnapshots } from '../timeline/timeline.ts'

/** Removes a snapshot that is there, and what is noted about it. Those that stood behind it stay in their order. */
export async function removeSnapshot(opened: OpenedCartridge, snapshot: string): Promise<void> {
  await removeSnapshots(opened, [snapshot])
}

/** So many go at a time: the disk is waited for once for all of them. */
const together = 10

/**
 * The same for several, a few at a time: the timeline is read once. Ends early, but not before the first few are gone,
 * when `goOn` says no. Gives the names of those that are gone.
 */
export async function removeSnapshots(
  opened: OpenedCartridge,
  snapshots: readonly string[],
  goOn: () => boolean = () => true,
): Promise<string[]> {
  const order = new Order(knownSnapshots(opened))
  const removed: string[] = []
  while (removed.length < snapshots.length && (removed.length === 0 || goOn())) {
    const few = snapshots.slice(removed.length, removed.length + together)
    const moved = few.flatMap((snapshot) => order.remove(snapshot))
    const left = noteOrder(opened, moved)
    await opened.store.discard(few.map((snapshot) => join(opened.snapshots, snapshot)))
    // On a full disk these can be written only now.
    for (const { name } of noteOrder(opened, left))
      log.warning(`The place of ${name} in the timeline was not noted.`)
    forgetNotes(opened, ...few)
    removed.push(...few)
  }
  return removed
}

type Moved = { name: string; after: string | null }

/** Gives those that could not be noted: on a full disk nothing can, and a removal must not wait for that. */
function noteOrder(opened: OpenedCartridge, moved: readonly Moved[]): Moved[] {
  return moved.filter(({ name, after }) => {
    try {
      if (isFolder(join(opened.snapshots, name))) changeNotes(opened, name, { after })
      return false
    } catch (error) {
      log.debug(`${name} cannot be noted now: ${sentenceOf(error)}`)
      return true
    }
  })
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

  /** Takes one out; gives those that named it, which are to name the one before it. */
  remove(name: string): Moved[] {
    const before = this.#before.get(name) ?? null
    const behind = this.#behind.get(name) ?? null
    if (before !== null) this.#behind.set(before, behind)
    if (behind !== null) this.#before.set(behind, before)
    const followers = (this.#followers.get(name) ?? []).filter((follower) => this.#before.has(follower))
    this.#before.delete(name)
    if (before !== null) for (const follower of followers) this.#follow(before, follower)
    return followers.map((follower) => ({ name: follower, after: before }))
  }

  #follow(name: string, follower: string): void {
    const others = this.#followers.get(name)
    if (others) others.push(follower)
    else this.#followers.set(name, [follower])
  }
}
