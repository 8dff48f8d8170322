import { rmSync } from 'node:fs'
import type { StateStore } from '../../cartridges/index.ts'
import { readText, syncFolder, writeFileAtomic } from '../../host/atomic.ts'
import { type Places, presentState, type State, stateOf } from '../places.ts'
import { isPossibleName } from '../timeline/names.ts'
import type { TryPhase } from '../types.ts'

/** A snapshot that is tried, in a state of its own. */
export type Try = {
  snapshot: string
  state: State
  phase: TryPhase
  /** Its user logged out of a cartridge that resets: the next start drops it. */
  loggedOut: boolean
}

/**
 * try.json; null when nothing is tried, when it is garbage, or when its state is gone. A try that waits for its start is
 * over as soon as another state is the present: going back ends it in the same instant, also when the power fails right
 * then. Never throws.
 */
export function readTry(places: Places): Try | null {
  try {
    const value: unknown = JSON.parse(readText(places.trying, { followSymlink: false, maxBytes: 65_536 }))
    const { snapshot, state, phase, loggedOut, beside } = value as Record<string, unknown>
    if (typeof snapshot !== 'string' || !isPossibleName(snapshot)) return null
    if (typeof state !== 'string' || !/^\d{4,9}$/.test(state)) return null
    if (phase !== 'armed' && phase !== 'running' && phase !== 'ended') return null
    if (phase === 'armed' && beside !== undefined && beside !== presentNumber(places)) return null
    const found = stateOf(places, state)
    return found && { snapshot, state: found, phase, loggedOut: loggedOut === true }
  } catch {
    return null
  }
}

/** Notes a try beside the present of now. Throws errno. */
export function writeTry(places: Places, { snapshot, state, phase, loggedOut }: Try): void {
  const beside = presentNumber(places)
  const record = { snapshot, state: state.number, phase, beside, ...(loggedOut && { loggedOut }) }
  writeFileAtomic(places.trying, `${JSON.stringify(record)}\n`)
}

export function removeTry(places: Places): void {
  rmSync(places.trying, { force: true, recursive: true })
  syncFolder(places.folder)
}

/** A record whose state is gone counts as none, so a crash in between has dropped it too. */
export async function dropState(places: Places, store: StateStore, { state }: Try): Promise<void> {
  await store.discard([state.path])
  removeTry(places)
}

function presentNumber(places: Places): string | null {
  return presentState(places)?.number ?? null
}
