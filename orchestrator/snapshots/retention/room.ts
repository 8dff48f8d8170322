import { freeUnneeded, listCartridges, type OpenedCartridge } from '../../cartridges/index.ts'
import { loadConfig } from '../../config/index.ts'
import { isRoomMade } from '../../host/btrfs-search.ts'
import { sentenceOf } from '../../host/errors.ts'
import { lastPlayed } from '../../host/last-played.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { isBelowFloor, keepReserve, roomWith } from '../../space/index.ts'
import { prune, pruneNow } from './prune.ts'

type RoomOptions = {
  now?: Date
  /** A cartridge whose lock the caller holds; it is pruned before the others. */
  held?: OpenedCartridge
  timeoutMs?: number
}

/**
 * Makes room until the floor of free space is reached, by what hurts least first: room that btrfs has set aside and does not
 * use; the trash; snapshots that no rule keeps, of every cartridge; then, one at a time, the oldest that only rules keep, of the
 * one that plays, because nothing else grows, and only then of the others. A cartridge that is being changed is skipped.
 * Never throws for one that cannot be pruned. Sees to the reserve in the end.
 */
export async function makeRoomForSnapshots(
  machine: Machine,
  { now = new Date(), held, timeoutMs = Number.POSITIVE_INFINITY }: RoomOptions = {},
): Promise<{ removed: string[]; enough: boolean }> {
  const folder = machine.paths.cartridges
  const deadline = machine.clock.monotonicMs() + timeoutMs
  const { free_floor_gib: floor } = loadConfig(machine).config.snapshots
  const isAbove = () => !isBelowFloor(roomWith(folder, floor))
  const isOver = () => isRoomMade(folder, isAbove)
  const removed: string[] = []
  if (!(await isOver())) {
    await tolerated('The trash', async () => removed.push(...(await freeUnneeded(machine, isAbove))))
    const names = growingFirst(machine, held?.name)
    for (const forSpace of [false, true]) {
      const options = { now, forSpace, deadline }
      for (const name of names) {
        if (machine.clock.monotonicMs() > deadline || (await isOver())) break
        await tolerated(name, async () => {
          const gone =
            held?.name === name
              ? await pruneNow(held, options)
              : (await prune(machine, name, options)).removed
          if (forSpace && gone.length > 0) tellGone(name, gone)
          removed.push(...gone)
        })
      }
    }
    await isOver()
  }
  const enough = isAbove()
  await keepReserve(machine)
  return { removed, enough }
}

/** The one that is held, or plays: what it writes is what space is short for. */
function growingFirst(machine: Machine, held: string | undefined): string[] {
  const first = held ?? lastPlayed(machine)?.name
  const names = listCartridges(machine).map(({ name }) => name)
  return [...names.filter((name) => name === first), ...names.filter((name) => name !== first)]
}

function tellGone(name: string, gone: readonly string[]): void {
  log.warning(`The data partition was too full: ${gone.length} old moments of ${name} made room.`)
}

/** Removes what no rule keeps of every cartridge but one: nothing else ever looks at those that nobody plays. */
export async function pruneOthers(machine: Machine, except: string): Promise<void> {
  for (const { name } of listCartridges(machine)) {
    if (name !== except) await tolerated(name, () => prune(machine, name, { forSpace: false }))
  }
}

async function tolerated(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.info(`${what} is left alone now: ${sentenceOf(error)}`)
  }
}
