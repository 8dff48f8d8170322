import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../../cartridges/index.ts'
import { readStateNotes } from '../state-notes.ts'
import type { Origin } from '../types.ts'
import { isPossibleName } from './names.ts'

/** Nobody goes back so often without a start in between that works; a ring of garbage ends here too. */
const mostSteps = 50

/**
 * Where the present came from. A present that was given up was kept as a snapshot, its state.json with it, so one leads
 * to the other, as far back as the console has not been healthy. Never throws DeskvisorError: garbage says nothing.
 */
export function originOf(opened: OpenedCartridge): Origin {
  const present = opened.present()
  if (present === null) return { from: null, byReset: false, inVain: [] }
  const { from, saved, replaces } = readStateNotes(present.path)
  return {
    from: from !== null && isSnapshot(opened, from) ? from : null,
    byReset: from !== null && saved === null && replaces !== null,
    inVain: goneBackInVain(opened, present.path),
  }
}

function goneBackInVain(opened: OpenedCartridge, present: string): string[] {
  const names = new Set<string>()
  let state = present
  for (let step = 0; step < mostSteps; step++) {
    const { from, saved, healthy } = readStateNotes(state)
    if (from === null || healthy) break
    if (isPossibleName(from)) names.add(from)
    if (saved === null || !isSnapshot(opened, saved)) break
    state = join(opened.snapshots, saved)
  }
  return [...names]
}

function isSnapshot(opened: OpenedCartridge, name: string): boolean {
  return isPossibleName(name) && isFolder(opened.snapshots) && isFolder(join(opened.snapshots, name))
}
