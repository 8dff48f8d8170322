import { stateFiles } from '../cartridges/index.ts'
import { readJson, writeFileAtomic } from '../host/atomic.ts'

/** What state.json says about a state: where it comes from. It is not part of what a snapshot is compared by. */
export type StateNotes = {
  /** The snapshot that it was made from. */
  from: string | null
  /** The snapshot that holds the present which it took the place of: where `undoRollBack` goes. */
  saved: string | null
  /** Number of the state whose place it took, and which is not needed any more. */
  replaces: string | null
}

/** Never throws: garbage says nothing. */
export function readStateNotes(state: string): StateNotes {
  const value = readJson(stateFiles(state).description)
  const about = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const text = (key: keyof StateNotes) => {
    const found = about[key]
    return typeof found === 'string' ? found : null
  }
  return { from: text('from'), saved: text('saved'), replaces: text('replaces') }
}

/** Throws errno. */
export function writeStateNotes(state: string, notes: StateNotes, created: Date): void {
  const text = `${JSON.stringify({ created: created.toISOString(), ...notes })}\n`
  writeFileAtomic(stateFiles(state).description, text)
}
