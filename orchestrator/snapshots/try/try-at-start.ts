import { type Cartridge, cartridgeAtState, type OpenedCartridge } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { withReserve } from '../../space/index.ts'
import { noTry } from '../start/refused-start.ts'
import { dropState, readTry, type Try, writeTry } from './try-record.ts'

type Played = { cartridge: Cartridge; snapshot: string }

/**
 * What a start of the console has to do with a try, if anything: one that is armed begins; one that runs goes on over a
 * restart of the guest, and ends with the console. When its user logged out, nothing of it is left for the next one.
 * Throws DeskvisorError `cannot-try` when an armed one is damaged; it is dropped then, so that this happens once.
 */
export async function playTry(opened: OpenedCartridge, relaunch: boolean): Promise<Played | null> {
  const trying = readTry(opened)
  if (trying?.loggedOut) await dropState(opened, trying)
  if (trying === null || trying.loggedOut || trying.phase === 'ended') return null
  if (trying.phase === 'running') return relaunch ? goOn(opened, trying) : end(opened, trying)
  return begin(opened, trying)
}

async function begin(opened: OpenedCartridge, trying: Try): Promise<Played> {
  const { snapshot, state } = trying
  let cartridge: Cartridge
  try {
    cartridge = cartridgeAtState(opened.machine, opened.name, state.path)
  } catch (error) {
    await dropState(opened, trying)
    throw noTry(opened.name, snapshot, error)
  }
  await withReserve(opened.machine, () => writeTry(opened, { ...trying, phase: 'running' }))
  return { cartridge, snapshot }
}

/** One that was damaged meanwhile may hold what somebody wants, so it only ends. */
function goOn(opened: OpenedCartridge, trying: Try): Played | null {
  try {
    const cartridge = cartridgeAtState(opened.machine, opened.name, trying.state.path)
    return { cartridge, snapshot: trying.snapshot }
  } catch (error) {
    log.warning(`${trying.snapshot} of ${opened.name} cannot be tried any longer: ${sentenceOf(error)}`)
    return end(opened, trying)
  }
}

function end(opened: OpenedCartridge, trying: Try): null {
  writeTry(opened, { ...trying, phase: 'ended' })
  return null
}
