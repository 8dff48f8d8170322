import { join } from 'node:path'
import { readJson } from '../host/atomic.ts'
import { asObject } from '../host/objects.ts'
import { parseName } from './names.ts'
import { type Places, presentState } from './places.ts'
import { readStateNotes } from './state-notes.ts'
import { readTry } from './try-record.ts'

/** So long after a rolling back it can be undone for certain. */
const undoDays = 30

/** Snapshots that something needs, whatever the policy says, and what that is. */
export function protectedSnapshots(places: Places, now: Date): Record<string, string> {
  const trying = readTry(places)
  const golden = goldenOf(places)
  const present = presentState(places)
  const undo = present && readStateNotes(present.path).saved
  return {
    ...(undo !== null && isRecent(undo, now) && { [undo]: 'undo returns to it' }),
    ...(trying && { [trying.snapshot]: 'being tried' }),
    ...(golden !== null && { [golden]: 'golden' }),
  }
}

/** The golden snapshot of a cartridge, also of one that is damaged otherwise. */
export function goldenOf(places: Places): string | null {
  const { golden } = asObject(readJson(join(places.folder, 'cartridge.json')))
  return typeof golden === 'string' ? golden : null
}

function isRecent(snapshot: string, now: Date): boolean {
  const { takenAt } = parseName(snapshot) ?? {}
  return takenAt === undefined || Date.parse(takenAt) > now.getTime() - undoDays * 86_400_000
}
