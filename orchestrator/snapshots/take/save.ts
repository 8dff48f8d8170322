import { join } from 'node:path'
import type { OpenedCartridge } from '../../cartridges/index.ts'
import { entriesOf } from '../folders.ts'
import { parseName, type SnapshotKind } from '../kinds.ts'
import { snapshotName } from '../timeline/names.ts'
import { changeNotes, defaultNotes, type Notes } from '../timeline/notes.ts'
import { asSnapshot, knownSnapshots } from '../timeline/timeline.ts'
import type { LongWork, Snapshot } from '../types.ts'

/** The name of a snapshot that is taken at `now`, and where it stands when the clock is no help. */
export type NewSnapshot = { name: string; kind: SnapshotKind; takenAt: string; after: string | null }

export function newSnapshot(opened: OpenedCartridge, kind: SnapshotKind, now: Date): NewSnapshot {
  const existing = entriesOf(opened.snapshots)
  const taken = new Set([
    ...existing,
    ...entriesOf(opened.timeline).map((file) => file.replace(/\.json$/, '')),
  ])
  const name = snapshotName(now, kind, (candidate) => taken.has(candidate))
  const takenAt = parseName(name)?.takenAt ?? now.toISOString()
  const clockIsRight = existing.every((other) => (parseName(other)?.takenAt ?? '') < takenAt)
  // Reading everything only when the clock makes it necessary: this is on the way to the desktop.
  return { name, kind, takenAt, after: clockIsRight ? null : (knownSnapshots(opened).at(-1)?.name ?? null) }
}

/** Copies a state into the timeline. */
export async function saveState(
  opened: OpenedCartridge,
  state: string,
  { name }: NewSnapshot,
  work: LongWork = {},
): Promise<void> {
  await opened.store.copy(state, join(opened.snapshots, name), { readOnly: true, ...work })
}

/** Notes what is special about a new snapshot; most have nothing, and cost no file. */
export function noteNew(opened: OpenedCartridge, taken: NewSnapshot, told: Partial<Notes>): Snapshot {
  const { name, kind, takenAt, after } = taken
  const usual = defaultNotes(taken)
  const notes = { ...usual, ...told, after }
  if (JSON.stringify(notes) !== JSON.stringify(usual)) changeNotes(opened, name, notes)
  return asSnapshot({ name, kind, takenAt, count: 1, after, notes })
}
