import { join } from 'node:path'
import type { StateStore } from '../../cartridges/index.ts'
import { entriesOf, type Places } from '../places.ts'
import { parseName, snapshotName } from '../timeline/names.ts'
import { changeNotes, defaultNotes, type Notes } from '../timeline/notes.ts'
import { asSnapshot, knownSnapshots } from '../timeline/timeline.ts'
import type { LongWork, Snapshot, SnapshotKind } from '../types.ts'

/** The name of a snapshot that is taken at `now`, and where it stands when the clock is no help. */
export type NewSnapshot = { name: string; takenAt: string; after: string | null }

export function newSnapshot(places: Places, kind: SnapshotKind, now: Date): NewSnapshot {
  const existing = entriesOf(places.snapshots)
  const taken = new Set([
    ...existing,
    ...entriesOf(places.timeline).map((file) => file.replace(/\.json$/, '')),
  ])
  const name = snapshotName(now, kind, (candidate) => taken.has(candidate))
  const takenAt = parseName(name)?.takenAt ?? now.toISOString()
  const clockIsRight = existing.every((other) => (parseName(other)?.takenAt ?? '') < takenAt)
  // Reading everything only when the clock makes it necessary: this is on the way to the desktop.
  return { name, takenAt, after: clockIsRight ? null : (knownSnapshots(places).at(-1)?.name ?? null) }
}

/** Copies a state into the timeline. */
export async function saveState(
  places: Places,
  store: StateStore,
  state: string,
  { name }: NewSnapshot,
  work: LongWork = {},
): Promise<void> {
  await store.copy(state, join(places.snapshots, name), { readOnly: true, ...work })
}

/** Notes what is special about a new snapshot; most have nothing, and cost no file. */
export function noteNew(places: Places, taken: NewSnapshot, told: Partial<Notes>): Snapshot {
  const { name, takenAt, after } = taken
  const usual = defaultNotes(name)
  const notes = { ...usual, ...told, after }
  if (JSON.stringify(notes) !== JSON.stringify(usual)) changeNotes(places, name, notes)
  return asSnapshot({ name, takenAt, count: 1, after, notes })
}
