import {
  type Cartridge,
  nextStateNumber,
  type OpenedCartridge,
  readCartridge,
} from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { changing } from '../change.ts'
import { expectComplete } from '../complete.ts'
import { snapshotPath } from '../folders.ts'
import { refuseBelowFloor } from '../retention/floor.ts'
import { withOwnRoom } from '../roll-back/own-room.ts'
import { replacePresent } from '../roll-back/replace.ts'
import { sameContent } from '../take/same.ts'
import { newSnapshot, noteNew, saveState } from '../take/save.ts'
import { equalSnapshot } from '../take/take.ts'
import { playTry } from '../try/try-at-start.ts'
import { recordStarted } from './healthy.ts'
import { isRefusal, noReset } from './refused-start.ts'

/** How long a start waits for another change of the cartridge, an hourly snapshot for example. */
const waitMs = 10_000
/** How long a start goes on making room for its snapshot. */
const roomMs = 3000
/** One that must return to its golden snapshot cannot go on without. */
const resetWaitMs = 60_000

/** What starts, and the snapshot that holds just that. */
export type Prepared = { cartridge: Cartridge; snapshot: string | null }

/**
 * Before every start of the console: decides which state of the cartridge it plays, and keeps that as a `boot` snapshot
 * when it was written to since the last one. `relaunch`: the guest restarted, so a running try goes on. Whatever fails
 * costs a line in the log and not the desktop, and a broken cartridge is refused by the start itself. Only what somebody
 * must know before anything else is played is thrown, as DeskvisorError: `cannot-reset`, because what the last user left
 * is nothing for the next one, and `cannot-try`, once, because a try was asked for that there cannot be.
 */
export async function prepareStart(
  machine: Machine,
  cartridge: Cartridge,
  { relaunch }: { relaunch: boolean },
): Promise<Cartridge> {
  const { name } = cartridge
  const prepared = await preparedOrPresent(machine, cartridge, relaunch)
  await tolerated('The note for the watchdog', undefined, async () =>
    recordStarted(machine, { cartridge: name, state: prepared.cartridge.state, snapshot: prepared.snapshot }),
  )
  return prepared.cartridge
}

async function preparedOrPresent(
  machine: Machine,
  cartridge: Cartridge,
  relaunch: boolean,
): Promise<Prepared> {
  const { name, reset } = cartridge
  const prepared = (longestMs: number) =>
    changing(machine, name, (opened) => prepare(opened, relaunch), { waitMs: longestMs })
  if (reset === null) return tolerated('The timeline', { cartridge, snapshot: null }, () => prepared(waitMs))
  try {
    return await prepared(resetWaitMs)
  } catch (error) {
    throw isRefusal(error) ? error : noReset(name, error)
  }
}

async function prepare(opened: OpenedCartridge, relaunch: boolean): Promise<Prepared> {
  const tried = await tolerated('The try', null, () => playTry(opened, relaunch))
  if (tried) return tried
  // As it is now: it may have been changed while this waited.
  const present = readCartridge(opened.machine, opened.name)
  if (present.reset === 'every-start') return backToGolden(opened, present)
  const snapshot = await tolerated('The moment before the start', null, () => bootSnapshot(opened))
  return { cartridge: present, snapshot }
}

/** The present becomes a fresh copy of the golden snapshot, and what it held goes. Throws DeskvisorError `cannot-reset`. */
async function backToGolden(opened: OpenedCartridge, { golden }: Cartridge): Promise<Prepared> {
  try {
    if (golden === null) throw new Error('There is no golden moment')
    expectComplete(opened, golden)
    const before = opened.present()
    if (before === null || !sameContent(before.path, snapshotPath(opened, golden))) {
      const number = nextStateNumber(opened.folder)
      await withOwnRoom(opened, () =>
        replacePresent({ opened, before, saveAs: null, number, from: golden, now: new Date() }),
      )
    }
    return { cartridge: readCartridge(opened.machine, opened.name), snapshot: golden }
  } catch (error) {
    throw noReset(opened.name, error)
  }
}

/** Name of the snapshot that holds what starts now, taken or found. */
async function bootSnapshot(opened: OpenedCartridge): Promise<string | null> {
  const state = opened.present()
  if (state === null) return null
  const now = new Date()
  const equal = equalSnapshot(opened, state, now)
  if (equal !== null) return equal
  if (!(await opened.store.copiesFast(state.path))) {
    log.info(
      'No moment is kept at this start: the filesystem cannot share blocks, and a copy would take long.',
    )
    return null
  }
  await refuseBelowFloor(opened, now, roomMs)
  const taken = newSnapshot(opened, 'boot', now)
  await saveState(opened, state.path, taken)
  return noteNew(opened, taken, {}).name
}

async function tolerated<Result>(
  what: string,
  otherwise: Result,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isRefusal(error)) throw error
    log.warning(`${what} could not be seen to before the start: ${sentenceOf(error)}`)
    return otherwise
  }
}
