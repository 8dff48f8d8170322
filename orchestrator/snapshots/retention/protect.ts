import { join } from 'node:path'
import { readJson } from '../../host/atomic.ts'
import { asObject } from '../../host/objects.ts'
import { type Places, presentState } from '../places.ts'
import { readStateNotes } from '../state-notes.ts'
import { parseName } from '../timeline/names.ts'
import { readTry } from '../try/try-record.ts'
import { undoReason, weekOf } from './retention.ts'

/** So long after a rolling back it can be undone for certain. */
const undoDays = 30
/** And in as many other weeks there must be moments after it, because a clock that is a year ahead says nothing of days. */
const undoWeeks = 4

/**
 * Snapshots that something needs, whatever the policy says, and what that is; `undo` is the one that undoing a going back
 * leads to. `newestFirst`: every snapshot, in order.
 * Where nobody can know which one is golden, each may be it.
 */
export function protectedSnapshots(
  places: Places,
  newestFirst: readonly { name: string; takenAt: string }[],
  now: Date,
): { protect: Record<string, string>; undo: string | null } {
  const golden = readGolden(places)
  if (golden === 'unknown') {
    const protect = Object.fromEntries(newestFirst.map(({ name }) => [name, 'cartridge.json cannot be read']))
    return { protect, undo: null }
  }
  const trying = readTry(places)
  const present = presentState(places)
  const undo = present && readStateNotes(present.path).saved
  const protect = {
    ...(undo !== null && mayBeUndone(undo, newestFirst, now) && { [undo]: undoReason }),
    ...(trying && { [trying.snapshot]: 'being tried' }),
    ...(golden.snapshot !== null && { [golden.snapshot]: 'golden' }),
  }
  return { protect, undo }
}

/** The golden snapshot of a cartridge, also of one that is damaged otherwise. */
export function goldenOf(places: Places): string | null {
  const golden = readGolden(places)
  return golden === 'unknown' ? null : golden.snapshot
}

function readGolden(places: Places): { snapshot: string | null } | 'unknown' {
  const about = readJson(join(places.folder, 'cartridge.json'))
  if (typeof about !== 'object' || about === null || Array.isArray(about)) return 'unknown'
  const { golden = null } = asObject(about)
  return golden === null || typeof golden === 'string' ? { snapshot: golden } : 'unknown'
}

/** Long ago by the clock and by what happened since: a clock that is wrong ends nothing. */
function mayBeUndone(
  snapshot: string,
  newestFirst: readonly { name: string; takenAt: string }[],
  now: Date,
): boolean {
  const { takenAt } = parseName(snapshot) ?? {}
  if (takenAt === undefined || Date.parse(takenAt) > now.getTime() - undoDays * 86_400_000) return true
  const after = newestFirst.slice(
    0,
    Math.max(
      0,
      newestFirst.findIndex(({ name }) => name === snapshot),
    ),
  )
  const weeks = new Set(after.map((later) => weekOf(new Date(later.takenAt))))
  weeks.delete(weekOf(new Date(takenAt)))
  return weeks.size < undoWeeks
}
