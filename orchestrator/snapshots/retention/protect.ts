import type { OpenedCartridge } from '../../cartridges/index.ts'
import { parseName } from '../kinds.ts'
import { readStateNotes } from '../state-notes.ts'
import { readTry } from '../try/try-record.ts'
import { undoReason, weekOf } from './retention.ts'

/** So long after a rolling back it can be undone for certain. */
const undoDays = 30
/** And in as many other weeks there must be snapshots after it, because a clock that is a year ahead says nothing of days. */
const undoWeeks = 4

/**
 * Snapshots that something needs, whatever the policy says, and what that is; `undo` is the one that undoing a going back
 * leads to. `newestFirst`: every snapshot, in order.
 * Where nobody can know which one is golden, each may be it.
 */
export function protectedSnapshots(
  opened: OpenedCartridge,
  newestFirst: readonly { name: string; takenAt: string }[],
  now: Date,
): { protect: Record<string, string>; undo: string | null } {
  const { golden, isGoldenKnown } = opened.settings()
  if (!isGoldenKnown) {
    const protect = Object.fromEntries(newestFirst.map(({ name }) => [name, 'cartridge.json cannot be read']))
    return { protect, undo: null }
  }
  const trying = readTry(opened)
  const present = opened.present()
  const undo = present && readStateNotes(present.path).saved
  const protect = {
    ...(undo !== null && mayBeUndone(undo, newestFirst, now) && { [undo]: undoReason }),
    ...(trying && { [trying.snapshot]: 'being tried' }),
    ...(golden !== null && { [golden]: 'golden' }),
  }
  return { protect, undo }
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
