import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { type StateStore, unfinishedPrefix } from '../../cartridges/index.ts'
import { syncFolder } from '../../host/atomic.ts'
import type { Places } from '../places.ts'
import { type StateNotes, writeStateNotes } from '../state-notes.ts'
import type { LongWork } from '../types.ts'

/** Something that happens as a whole or not at all, also when the power fails. */
export type Step = { what: string; run: () => Promise<void> }

export type FreshState = {
  places: Places
  store: StateStore
  number: string
  /** Name of the snapshot that is copied. */
  from: string
  notes: StateNotes
  now: Date
} & LongWork

/** Makes a state from a snapshot. It gets its number last, so one that has a number is whole and says where it is from. */
export function freshStateSteps(fresh: FreshState): Step[] {
  const { places, store, number, from, notes, now, onProgress, signal } = fresh
  const beside = join(places.states, unfinishedPrefix + number)
  return [
    {
      what: 'The earlier moment is copied.',
      run: async () => {
        await store.remove(beside)
        await store.copy(join(places.snapshots, from), beside, { readOnly: false, onProgress, signal })
      },
    },
    { what: 'The copy is told where it is from.', run: async () => writeStateNotes(beside, notes, now) },
    {
      what: 'The copy gets its number.',
      run: async () => {
        renameSync(beside, join(places.states, number))
        syncFolder(places.states)
      },
    },
  ]
}
