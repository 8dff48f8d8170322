import { type Cartridge, nextStateNumber, readCartridge, type StateStore } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { changing } from '../change.ts'
import { type Places, presentState, snapshotPath } from '../places.ts'
import { refuseBelowFloor } from '../retention/floor.ts'
import { withOwnRoom } from '../roll-back/own-room.ts'
import { replacePresent } from '../roll-back/replace.ts'
import { sameContent } from '../take/same.ts'
import { newSnapshot, noteNew, saveState } from '../take/save.ts'
import { equalSnapshot } from '../take/take.ts'
import { playTry } from '../try/try-at-start.ts'
import { expectWhole } from '../whole.ts'
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
  root: string,
  cartridge: Cartridge,
  { relaunch }: { relaunch: boolean },
): Promise<Cartridge> {
  const { name } = cartridge
  const prepared = await preparedOrPresent(root, cartridge, relaunch)
  await tolerated('The note for the watchdog', undefined, async () =>
    recordStarted(root, { cartridge: name, state: prepared.cartridge.state, snapshot: prepared.snapshot }),
  )
  return prepared.cartridge
}

async function preparedOrPresent(root: string, cartridge: Cartridge, relaunch: boolean): Promise<Prepared> {
  const { name, reset } = cartridge
  const prepared = (longestMs: number) =>
    changing(root, name, (places, store) => prepare(places, store, relaunch), { waitMs: longestMs })
  if (reset === null) return tolerated('The timeline', { cartridge, snapshot: null }, () => prepared(waitMs))
  try {
    return await prepared(resetWaitMs)
  } catch (error) {
    throw isRefusal(error) ? error : noReset(name, error)
  }
}

async function prepare(places: Places, store: StateStore, relaunch: boolean): Promise<Prepared> {
  const tried = await tolerated('The try', null, () => playTry(places, store, relaunch))
  if (tried) return tried
  // As it is now: it may have been changed while this waited.
  const present = readCartridge(places.root, places.name)
  if (present.reset === 'every-start') return backToGolden(places, store, present)
  const snapshot = await tolerated('The moment before the start', null, () => bootSnapshot(places, store))
  return { cartridge: present, snapshot }
}

/** The present becomes a fresh copy of the golden snapshot, and what it held goes. Throws DeskvisorError `cannot-reset`. */
async function backToGolden(places: Places, store: StateStore, { golden }: Cartridge): Promise<Prepared> {
  try {
    if (golden === null) throw new Error('There is no golden moment')
    expectWhole(places, golden)
    const before = presentState(places)
    if (before === null || !sameContent(before.path, snapshotPath(places, golden))) {
      const number = nextStateNumber(places.folder)
      await withOwnRoom(places, store, () =>
        replacePresent({ places, store, before, saveAs: null, number, from: golden, now: new Date() }),
      )
    }
    return { cartridge: readCartridge(places.root, places.name), snapshot: golden }
  } catch (error) {
    throw noReset(places.name, error)
  }
}

/** Name of the snapshot that holds what starts now, taken or found. */
async function bootSnapshot(places: Places, store: StateStore): Promise<string | null> {
  const state = presentState(places)
  if (state === null) return null
  const now = new Date()
  const equal = equalSnapshot(places, state, now)
  if (equal !== null) return equal
  if (!(await store.copiesFast(state.path))) {
    log.info(
      'No moment is kept at this start: the filesystem cannot share blocks, and a copy would take long.',
    )
    return null
  }
  await refuseBelowFloor(places, store, now, roomMs)
  const taken = newSnapshot(places, 'boot', now)
  await saveState(places, store, state.path, taken)
  return noteNew(places, taken, {}).name
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
