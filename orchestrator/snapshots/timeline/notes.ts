import { closeSync, constants, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../../cartridges/index.ts'
import { syncFolder, writeFileAtomic } from '../../host/atomic.ts'
import { isErrno, oneLine, sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { asObject } from '../../host/objects.ts'
import { ensureFolder } from '../folders.ts'
import { parseName, type SnapshotKind } from '../kinds.ts'
import type { Consistency } from '../types.ts'

/** What timeline/NAME.json says about a snapshot: what people may change, and what was measured. */
export type Notes = {
  pinned: boolean
  note: string
  healthy: boolean
  consistency: Consistency
  pauseMs: number | null
  osLabel: string | null
  /** What was written since the snapshot before, as long as that is this one. */
  written: { bytes: number; previous: string | null } | null
  /** What only this snapshot holds, as long as its neighbours are these. */
  exclusive: { bytes: number; previous: string | null; next: string | null } | null
  /** The snapshot that it was taken after, where the time in its name does not tell (order.ts). */
  after: string | null
}

/** No notes are as long as this. */
const buffer = Buffer.allocUnsafeSlow(65_536)
export const maxNoteLength = 1000
/** Kinds that are only taken while the cartridge does not run. */
const offlineKinds: readonly SnapshotKind[] = ['boot', 'before-rollback']

/** What holds without a file; `told`: by the snapshot's name. A folder that somebody named by hand is not ours to remove, so it counts as pinned. */
export function defaultNotes(told: { kind: SnapshotKind } | null): Notes {
  const kind = told?.kind
  return {
    pinned: kind === undefined,
    note: '',
    healthy: false,
    consistency: kind !== undefined && offlineKinds.includes(kind) ? 'offline' : 'crash-consistent',
    pauseMs: null,
    osLabel: null,
    written: null,
    exclusive: null,
    after: null,
  }
}

/** Never throws: a file that cannot be read pins its snapshot and says so. */
export function readNotes(opened: OpenedCartridge, snapshot: string, told = parseName(snapshot)): Notes {
  try {
    const value: unknown = JSON.parse(readShort(notesPath(opened, snapshot)))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return believed(value as Record<string, unknown>, defaultNotes(told))
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return defaultNotes(told)
  }
  return { ...defaultNotes(told), pinned: true, note: 'The notes of this moment cannot be read.' }
}

/** There may be thousands of these files, so they share a buffer. A pipe or folder in their place gives no text, or throws. */
function readShort(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0)
    return bytes < buffer.length ? buffer.toString('utf8', 0, bytes) : ''
  } finally {
    closeSync(descriptor)
  }
}

/** Changes some of the notes, atomically. Throws errno. */
export function changeNotes(opened: OpenedCartridge, snapshot: string, change: Partial<Notes>): Notes {
  const notes = { ...readNotes(opened, snapshot), ...change }
  ensureFolder(opened.timeline)
  writeFileAtomic(notesPath(opened, snapshot), `${JSON.stringify(notes)}\n`)
  return notes
}

/** The same for what is gone already: notes that cannot be removed now are swept later. */
export function forgetNotes(opened: OpenedCartridge, ...snapshots: string[]): void {
  if (!isFolder(opened.timeline)) return
  try {
    removeNotes(opened, ...snapshots)
  } catch (error) {
    log.warning(`Notes of moments that are gone cannot be removed now: ${sentenceOf(error)}`)
  }
}

export function removeNotes(opened: OpenedCartridge, ...snapshots: string[]): void {
  for (const snapshot of snapshots) rmSync(notesPath(opened, snapshot), { force: true, recursive: true })
  syncFolder(opened.timeline)
}

function notesPath(opened: OpenedCartridge, snapshot: string): string {
  return join(opened.timeline, `${snapshot}.json`)
}

function believed(value: Record<string, unknown>, otherwise: Notes): Notes {
  const { consistency } = value
  const isKnown = consistency === 'offline' || consistency === 'frozen' || consistency === 'crash-consistent'
  return {
    pinned: typeof value.pinned === 'boolean' ? value.pinned : otherwise.pinned,
    note: textOr(value.note, ''),
    healthy: value.healthy === true,
    consistency: isKnown ? consistency : otherwise.consistency,
    pauseMs: amountOrNull(value.pauseMs),
    osLabel: textOr(value.osLabel, null),
    written: writtenOrNull(value.written),
    exclusive: exclusiveOrNull(value.exclusive),
    after: textOr(value.after, null),
  }
}

function writtenOrNull(value: unknown): Notes['written'] {
  const { bytes, previous } = asObject(value)
  const amount = amountOrNull(bytes)
  return amount === null ? null : { bytes: amount, previous: textOr(previous, null) }
}

function exclusiveOrNull(value: unknown): Notes['exclusive'] {
  const { bytes, previous, next } = asObject(value)
  const amount = amountOrNull(bytes)
  return amount === null
    ? null
    : { bytes: amount, previous: textOr(previous, null), next: textOr(next, null) }
}

function textOr<Fallback>(value: unknown, fallback: Fallback): string | Fallback {
  return typeof value === 'string' ? oneLine(value).slice(0, maxNoteLength) : fallback
}

function amountOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}
