import { rmSync } from 'node:fs'
import type { OpenedCartridge, State } from '../../cartridges/index.ts'
import { readText, syncFolder, writeFileAtomic } from '../../host/atomic.ts'
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
export function readTry(opened: OpenedCartridge): Try | null {
  try {
    const value: unknown = JSON.parse(readText(opened.trying, { followSymlink: false, maxBytes: 65_536 }))
    const { snapshot, state, phase, loggedOut, beside } = value as Record<string, unknown>
    if (typeof snapshot !== 'string' || !isPossibleName(snapshot)) return null
    if (typeof state !== 'string' || !/^\d{4,9}$/.test(state)) return null
    if (phase !== 'armed' && phase !== 'running' && phase !== 'ended') return null
    if (phase === 'armed' && beside !== undefined && beside !== presentNumber(opened)) return null
    const found = opened.state(state)
    return found && { snapshot, state: found, phase, loggedOut: loggedOut === true }
  } catch {
    return null
  }
}

/** Notes a try beside the present of now. Throws errno. */
export function writeTry(opened: OpenedCartridge, { snapshot, state, phase, loggedOut }: Try): void {
  const beside = presentNumber(opened)
  const record = { snapshot, state: state.number, phase, beside, ...(loggedOut && { loggedOut }) }
  writeFileAtomic(opened.trying, `${JSON.stringify(record)}\n`)
}

export function removeTry(opened: OpenedCartridge): void {
  rmSync(opened.trying, { force: true, recursive: true })
  syncFolder(opened.folder)
}

/** A record whose state is gone counts as none, so a crash in between has dropped it too. */
export async function dropState(opened: OpenedCartridge, { state }: Try): Promise<void> {
  await opened.store.discard([state.path])
  removeTry(opened)
}

function presentNumber(opened: OpenedCartridge): string | null {
  return opened.present()?.number ?? null
}
