import { join } from 'node:path'
import type { StateStore } from '../cartridges/index.ts'
import { discard } from './discard.ts'
import { changeNotes, removeNotes } from './notes.ts'
import type { Places } from './places.ts'
import { knownSnapshots } from './timeline.ts'

/** Removes a snapshot that is there, and what is noted about it. Those that stood behind it stay in their order. */
export async function removeSnapshot(places: Places, store: StateStore, snapshot: string): Promise<void> {
  const known = knownSnapshots(places)
  const index = known.findIndex(({ name }) => name === snapshot)
  for (const { name, after } of known) {
    if (after === snapshot) changeNotes(places, name, { after: known[index - 1]?.name ?? null })
  }
  await discard(store, join(places.snapshots, snapshot))
  removeNotes(places, snapshot)
}
