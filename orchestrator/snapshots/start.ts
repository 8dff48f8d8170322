import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Cartridge,
  cartridgeAtState,
  nextStateNumber,
  readCartridge,
  type StateStore,
} from '../cartridges/index.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { changing } from './change.ts'
import { refuseBelowFloor } from './floor.ts'
import { recordStarted } from './healthy.ts'
import { type Places, presentState, snapshotPath } from './places.ts'
import { replacePresent } from './replace.ts'
import { sameContent } from './same.ts'
import { newSnapshot, noteNew, saveState } from './save.ts'
import { equalSnapshot } from './take.ts'
import { readTry, writeTry } from './try-record.ts'
import { expectWhole } from './whole.ts'

/** How long a start waits for another change of the cartridge, an hourly snapshot for example. */
const waitMs = 10_000

type Prepared = { cartridge: Cartridge; snapshot: string | null }

/**
 * Before every start of the console: decides which state of the cartridge it plays, and keeps that as a `boot` snapshot
 * when it was written to since the last one. `relaunch`: the guest restarted, so a running try goes on. Never throws:
 * whatever fails costs a line in the log and not the desktop, and a broken cartridge is refused by the start itself.
 */
export async function prepareStart(
  root: string,
  cartridge: Cartridge,
  { relaunch }: { relaunch: boolean },
): Promise<Cartridge> {
  const { name } = cartridge
  const otherwise: Prepared = { cartridge, snapshot: null }
  const prepared = await tolerated('The timeline', otherwise, () =>
    whenFree(() => changing(root, name, (places, store) => prepare(places, store, cartridge, relaunch))),
  )
  await tolerated('The note for the watchdog', undefined, async () =>
    recordStarted(root, { cartridge: name, state: prepared.cartridge.state, snapshot: prepared.snapshot }),
  )
  return prepared.cartridge
}

async function prepare(
  places: Places,
  store: StateStore,
  cartridge: Cartridge,
  relaunch: boolean,
): Promise<Prepared> {
  const tried = await tolerated('The try', null, async () => triedCartridge(places, relaunch))
  if (tried) return tried
  if (cartridge.reset === 'every-start') {
    const fresh = await tolerated('The reset', null, () => backToGolden(places, store, cartridge))
    if (fresh) return fresh
  }
  const present = readCartridge(places.root, places.name)
  const snapshot = await tolerated('The moment before the start', null, () => bootSnapshot(places, store))
  return { cartridge: present, snapshot }
}

/** A try that is armed begins; one that runs goes on over a restart of the guest, and ends with the console. */
function triedCartridge(places: Places, relaunch: boolean): Prepared | null {
  const trying = readTry(places)
  if (trying === null || trying.phase === 'ended') return null
  if (trying.phase === 'running' && !relaunch) {
    writeTry(places, { ...trying, phase: 'ended' })
    return null
  }
  const cartridge = cartridgeAtState(places.root, places.name, trying.state.path)
  if (trying.phase === 'armed') writeTry(places, { ...trying, phase: 'running' })
  return { cartridge, snapshot: trying.snapshot }
}

/** The present becomes a fresh copy of the golden snapshot, and what it held goes. */
async function backToGolden(
  places: Places,
  store: StateStore,
  { golden }: Cartridge,
): Promise<Prepared | null> {
  if (golden === null) throw new Error('no moment is the golden one')
  expectWhole(places, golden)
  const before = presentState(places)
  if (before === null || !sameContent(before.path, snapshotPath(places, golden))) {
    const number = nextStateNumber(places.folder)
    await replacePresent({ places, store, before, saveAs: null, number, from: golden, now: new Date() })
  }
  return { cartridge: readCartridge(places.root, places.name), snapshot: golden }
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
  await refuseBelowFloor(places, store, now)
  const taken = newSnapshot(places, 'boot', now)
  await saveState(places, store, state.path, taken)
  return noteNew(places, taken, {}).name
}

async function whenFree<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const deadline = performance.now() + waitMs; ; await sleep(50)) {
    try {
      return await work()
    } catch (error) {
      const isBusy = error instanceof DeskvisorError && error.code === 'busy'
      if (!isBusy || performance.now() > deadline) throw error
    }
  }
}

async function tolerated<Result>(
  what: string,
  otherwise: Result,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    log.warning(`${what} could not be seen to before the start: ${sentenceOf(error)}`)
    return otherwise
  }
}
