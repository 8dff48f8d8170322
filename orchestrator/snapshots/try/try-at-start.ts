import { type Cartridge, cartridgeAtState, type StateStore } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { withReserve } from '../../space/index.ts'
import type { Places } from '../places.ts'
import { noTry } from '../start/refused-start.ts'
import { dropState, readTry, type Try, writeTry } from './try-record.ts'

type Played = { cartridge: Cartridge; snapshot: string }

/**
 * What a start of the console has to do with a try, if anything: one that is armed begins; one that runs goes on over a
 * restart of the guest, and ends with the console. When its user logged out, nothing of it is left for the next one.
 * Throws DeskvisorError `cannot-try` when an armed one is damaged; it is dropped then, so that this happens once.
 */
export async function playTry(places: Places, store: StateStore, relaunch: boolean): Promise<Played | null> {
  const trying = readTry(places)
  if (trying?.loggedOut) await dropState(places, store, trying)
  if (trying === null || trying.loggedOut || trying.phase === 'ended') return null
  if (trying.phase === 'running') return relaunch ? goOn(places, trying) : end(places, trying)
  return begin(places, store, trying)
}

async function begin(places: Places, store: StateStore, trying: Try): Promise<Played> {
  const { snapshot, state } = trying
  let cartridge: Cartridge
  try {
    cartridge = cartridgeAtState(places.root, places.name, state.path)
  } catch (error) {
    await dropState(places, store, trying)
    throw noTry(places.name, snapshot, error)
  }
  await withReserve(places.root, () => writeTry(places, { ...trying, phase: 'running' }))
  return { cartridge, snapshot }
}

/** One that was damaged meanwhile may hold what somebody wants, so it only ends. */
function goOn(places: Places, trying: Try): Played | null {
  try {
    const cartridge = cartridgeAtState(places.root, places.name, trying.state.path)
    return { cartridge, snapshot: trying.snapshot }
  } catch (error) {
    log.warning(`${trying.snapshot} of ${places.name} cannot be tried any longer: ${sentenceOf(error)}`)
    return end(places, trying)
  }
}

function end(places: Places, trying: Try): null {
  writeTry(places, { ...trying, phase: 'ended' })
  return null
}
