import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenedCartridge, unfinishedPrefix } from '../../cartridges/index.ts'
import { syncFolder } from '../../host/atomic.ts'
import { type StateNotes, writeStateNotes } from '../state-notes.ts'
import type { LongWork } from '../types.ts'

/** Something that happens as a whole or not at all, also when the power fails. */
export type Step = { what: string; run: () => Promise<void> }

export type FreshState = {
  opened: OpenedCartridge
  number: string
  /** Name of the snapshot that is copied. */
  from: string
  notes: StateNotes
  now: Date
} & LongWork

/** Makes a state from a snapshot. It gets its number last, so one that has a number is whole and says where it is from. */
export function freshStateSteps(fresh: FreshState): Step[] {
  const { opened, number, from, notes, now, onProgress, signal } = fresh
  const beside = join(opened.states, unfinishedPrefix + number)
  return [
    {
      what: 'The earlier moment is copied.',
      run: async () => {
        await opened.store.remove(beside)
        await opened.store.copy(join(opened.snapshots, from), beside, { readOnly: false, onProgress, signal })
      },
    },
    { what: 'The copy is told where it is from.', run: async () => writeStateNotes(beside, notes, now) },
    {
      what: 'The copy gets its number.',
      run: async () => {
        renameSync(beside, join(opened.states, number))
        syncFolder(opened.states)
      },
    },
  ]
}
