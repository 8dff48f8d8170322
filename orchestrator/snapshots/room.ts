import { emptyTrash, listCartridges, type StateStore } from '../cartridges/index.ts'
import { isRoomMade } from '../host/btrfs-search.ts'
import { sentenceOf } from '../host/errors.ts'
import { freeSpace } from '../host/free-space.ts'
import { log } from '../host/log.ts'
import { paths } from '../host/paths.ts'
import { readPolicy } from './floor.ts'
import type { Places } from './places.ts'
import { prune, pruneNow } from './prune.ts'

type RoomOptions = {
  now?: Date
  /** A cartridge whose lock the caller holds; it is pruned before the others. */
  held?: { places: Places; store: StateStore }
  patienceMs?: number
}

/**
 * Makes room until the floor of free space is reached, by what hurts least first: the trash; then moments that no rule
 * keeps, of every cartridge; then the oldest that only rules keep, one at a time. A cartridge that is being changed is
 * skipped. Never throws for one that cannot be pruned.
 */
export async function makeRoomForMoments(
  root: string,
  { now = new Date(), held, patienceMs = Number.POSITIVE_INFINITY }: RoomOptions = {},
): Promise<{ removed: string[]; enough: boolean }> {
  const folder = paths(root).cartridges
  const policy = readPolicy(root)
  const deadline = performance.now() + patienceMs
  const isAbove = () => freeSpace(folder).freeBytes >= policy.freeFloorBytes
  const isOver = () => isRoomMade(folder, isAbove)
  const removed: string[] = []
  if (await isOver()) return { removed, enough: isAbove() }
  await tolerated('The trash', async () => {
    removed.push(...(await emptyTrash(root, { enough: isOver })).removed)
  })
  const others = listCartridges(root).filter(({ name }) => name !== held?.places.name)
  for (const forSpace of [false, true]) {
    const options = { now, forSpace, deadline }
    if (held && !(await isOver())) removed.push(...(await pruneNow(held.places, held.store, policy, options)))
    for (const { name } of others) {
      if (performance.now() > deadline || (await isOver())) break
      await tolerated(name, async () => {
        removed.push(...(await prune(root, name, options)).removed)
      })
    }
  }
  await isOver()
  return { removed, enough: isAbove() }
}

/** Removes what no rule keeps of every cartridge but one: nothing else ever looks at those that nobody plays. */
export async function pruneOthers(root: string, except: string): Promise<void> {
  for (const { name } of listCartridges(root)) {
    if (name !== except) await tolerated(name, () => prune(root, name, { forSpace: false }))
  }
}

async function tolerated(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.info(`${what} is left alone now: ${sentenceOf(error)}`)
  }
}
