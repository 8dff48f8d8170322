import { stateFiles } from '../cartridges/index.ts'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { asObject } from '../host/objects.ts'

/** What state.json says about a state: where it comes from. It is not part of what a snapshot is compared by. */
export type StateNotes = {
  /** The snapshot that it was made from. */
  from: string | null
  /** The snapshot that holds the present which it took the place of: where `undoRollBack` goes. */
  saved: string | null
  /** Number of the state whose place it took, and which is not needed any more. */
  replaces: string | null
  /** The console became healthy with it since it is a state of its own. */
  healthy: boolean
}

/** Never throws: garbage says nothing. */
export function readStateNotes(state: string): StateNotes {
  const about = asObject(readJson(stateFiles(state).description))
  const text = (key: keyof StateNotes) => {
    const found = about[key]
    return typeof found === 'string' ? found : null
  }
  const healthy = about.healthy === true
  return { from: text('from'), saved: text('saved'), replaces: text('replaces'), healthy }
}

/** Throws errno. */
export function writeStateNotes(state: string, notes: StateNotes, created: Date): void {
  const text = `${JSON.stringify({ created: created.toISOString(), ...notes })}\n`
  writeFileAtomic(stateFiles(state).description, text)
}

/** Notes that the console became healthy with this state; once, and only where it matters. Throws errno. */
export function noteHealthy(state: string): void {
  const { from, healthy } = readStateNotes(state)
  if (from === null || healthy) return
  const text = `${JSON.stringify({ ...asObject(readJson(stateFiles(state).description)), healthy: true })}\n`
  writeFileAtomic(stateFiles(state).description, text)
}
