import { join } from 'node:path'
import { isFolder, type Places, presentState } from '../places.ts'
import { readStateNotes } from '../state-notes.ts'
import type { Origin } from '../types.ts'
import { isPossibleName } from './names.ts'

/** Nobody goes back so often without a start in between that works; a ring of garbage ends here too. */
const mostSteps = 50

/**
 * Where the present came from. A present that was given up was kept as a snapshot, its state.json with it, so one leads
 * to the other, as far back as the console has not been healthy. Never throws DeskvisorError: garbage says nothing.
 */
export function originOf(places: Places): Origin {
  const present = presentState(places)
  if (present === null) return { from: null, byReset: false, inVain: [] }
  const { from, saved, replaces } = readStateNotes(present.path)
  return {
    from: from !== null && isSnapshot(places, from) ? from : null,
    byReset: from !== null && saved === null && replaces !== null,
    inVain: goneBackInVain(places, present.path),
  }
}

function goneBackInVain(places: Places, present: string): string[] {
  const names = new Set<string>()
  let state = present
  for (let step = 0; step < mostSteps; step++) {
    const { from, saved, healthy } = readStateNotes(state)
    if (from === null || healthy) break
    if (isPossibleName(from)) names.add(from)
    if (saved === null || !isSnapshot(places, saved)) break
    state = join(places.snapshots, saved)
  }
  return [...names]
}

function isSnapshot(places: Places, name: string): boolean {
  return isPossibleName(name) && isFolder(places.snapshots) && isFolder(join(places.snapshots, name))
}
