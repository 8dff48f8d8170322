import { type OpenedCartridge, openCartridge } from '../../cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../../host/btrfs-search.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { isBelowFloor, lackOf, roomIn } from '../../space/index.ts'
import { changing } from '../change.ts'
import { asSnapshots, knownSnapshots } from '../timeline/timeline.ts'
import type { RetentionPlan } from '../types.ts'
import { readPolicy } from './floor.ts'
import { protectedSnapshots } from './protect.ts'
import { removeSnapshots } from './remove.ts'
import { planRetention } from './retention.ts'

/** How long pruning keeps others from the cartridge at a time, and how long it waits for its first turn and for each other. */
const pieceMs = 300
const firstWaitMs = 1000
const waitMs = 10_000
/** In between, whoever waits for the lock gets it: it is looked at more often than that. */
const gapMs = 100
/** How long the space of what was removed is waited for. */
const freedMs = 30_000

export type PruneOptions = {
  now?: Date
  /** Whether more goes, oldest first, while too little is free; so unless given. */
  forSpace?: boolean
  /** Nothing more goes after this moment of the machine's monotonic clock. */
  deadline?: number
}

/** What pruning would keep and remove now. Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`. */
export function readRetentionPlan(machine: Machine, name: string): RetentionPlan {
  const opened = openCartridge(machine, name)
  return planNow(opened, new Date(), true)
}

/**
 * Removes what the policy does not keep, and more, oldest first, while too little is free. In short pieces, between which
 * a start of the desktop gets its turn. Throws DeskvisorError `no-such-cartridge` (exit 2), `busy` before anything was
 * removed, `read-only`, `timeline-unusable`.
 */
export async function prune(
  machine: Machine,
  name: string,
  { now, forSpace = true, deadline = Number.POSITIVE_INFINITY }: PruneOptions = {},
): Promise<{ removed: string[] }> {
  const removed: string[] = []
  const { folder } = openCartridge(machine, name)
  const { clock } = machine
  while (clock.monotonicMs() < deadline) {
    if (forSpace && !(await isCounted(machine, folder, deadline))) break
    const piece = (opened: OpenedCartridge) =>
      removePlanned(opened, {
        now: now ?? new Date(),
        forSpace,
        deadline: Math.min(deadline, clock.monotonicMs() + pieceMs),
      })
    const turn = { waitMs: removed.length > 0 ? waitMs : firstWaitMs }
    const gone = await changing(machine, name, piece, turn).catch((error: unknown) => {
      if (removed.length > 0 && error instanceof DeskvisorError && error.code === 'busy') return []
      throw error
    })
    if (gone.length === 0) break
    removed.push(...gone)
    await clock.sleep(gapMs)
  }
  return { removed }
}

/** The same, for use while the lock is held. */
export async function pruneNow(
  opened: OpenedCartridge,
  { now = new Date(), forSpace = true, deadline = Number.POSITIVE_INFINITY }: PruneOptions = {},
): Promise<string[]> {
  const removed: string[] = []
  const { machine } = opened
  while (machine.clock.monotonicMs() < deadline) {
    if (forSpace && !(await isCounted(machine, opened.folder, deadline))) break
    const gone = await removePlanned(opened, { now, forSpace, deadline })
    if (gone.length === 0) break
    removed.push(...gone)
  }
  return removed
}

/** Removes what the plan does not keep, oldest first, as far as it comes by then. */
async function removePlanned(
  opened: OpenedCartridge,
  { now, forSpace, deadline }: Required<PruneOptions>,
): Promise<string[]> {
  const { remove } = planNow(opened, now, forSpace)
  const names = remove.map(({ name }) => name).reverse()
  return removeSnapshots(opened, names, () => opened.machine.clock.monotonicMs() < deadline)
}

/** What was removed frees its space later: a plan that does not wait for that removes more than is needed. */
async function isCounted({ clock }: Machine, folder: string, deadline: number): Promise<boolean> {
  if (!isBelowFloor(roomIn(folder))) return true
  const longestMs = Math.min(deadline - clock.monotonicMs(), freedMs)
  if (await removedSubvolumesAreFreed(folder, longestMs)) return true
  log.warning(`The space of what was removed is not free yet: ${lackOf(roomIn(folder))}.`)
  return false
}

function planNow(opened: OpenedCartridge, now: Date, forSpace: boolean): RetentionPlan {
  const newestFirst = asSnapshots(knownSnapshots(opened)).reverse()
  const lack = forSpace ? lackIn(opened.folder) : null
  const policy = readPolicy(opened.machine)
  return planRetention(newestFirst, policy, { now, lack, ...protectedSnapshots(opened, newestFirst, now) })
}

/** What there is too little of, as a clause; null when there is enough. */
function lackIn(folder: string): string | null {
  const room = roomIn(folder)
  return isBelowFloor(room) ? lackOf(room) : null
}
