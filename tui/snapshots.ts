import type { Snapshot, TimelineInfo } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { clip } from './terminal/text.ts'
import { partOf, whenOf } from './time.ts'

/** Longest note that is looked at in a list, in characters. */
const LONGEST_NOTE = 200

/** Why a snapshot was kept, in a few words for a list and in a sentence. */
const KINDS: Record<Snapshot['kind'], [short: string, sentence: string]> = {
  boot: ['Start of the desktop', 'Kept when the desktop was started.'],
  hourly: ['Kept every hour', 'Kept by itself, as every hour.'],
  daily: ['Kept every day', 'Kept by itself, as every day.'],
  manual: ['Kept by hand', 'Kept because somebody asked for it.'],
  'before-rollback': ['Before going back', 'What you had before you went back.'],
  'before-update': ['Before an update', 'Kept before an update.'],
}

export function kindOf({ kind }: Snapshot): string {
  return KINDS[kind]?.[0] ?? 'Kept'
}

export function kindSentence({ kind }: Snapshot): string {
  return KINDS[kind]?.[1] ?? 'Kept.'
}

/** When a snapshot was taken, in milliseconds since 1970; NaN when it does not say. */
export function timeOf({ takenAt }: Snapshot): number {
  return Date.parse(takenAt)
}

/** The name of a snapshot inside a sentence: its time. */
export function snapshotName(snapshot: Snapshot, now = Date.now()): string {
  return whenOf(timeOf(snapshot), now)
}

export function noteOf({ note }: Snapshot): string {
  return sanitize(typeof note === 'string' ? note.slice(0, LONGEST_NOTE) : '').trim()
}

export function osLabelOf({ osLabel }: Snapshot): string {
  return clip(sanitize(osLabel ?? '').trim(), 60)
}

/** A row of the timeline: a heading, or a snapshot with its place among the snapshots that are shown. */
export type TimelineRow = { heading: string } | { snapshot: Snapshot; index: number }

/** Snapshots (newest first) under headings as people think of the past; the newest start has a heading of its own. */
export function rowsOf(snapshots: Snapshot[], now: number): TimelineRow[] {
  const lastStart = snapshots.find(({ kind }) => kind === 'boot')
  let before = ''
  return snapshots.flatMap((snapshot, index): TimelineRow[] => {
    const part = partOf(timeOf(snapshot), now)
    const heading = snapshot === lastStart ? `Last restart, ${lowerFirst(part)}` : part
    const rows: TimelineRow[] = heading === before ? [] : [{ heading }]
    before = heading
    return [...rows, { snapshot, index }]
  })
}

// Weekdays and months keep their capital.
function lowerFirst(part: string): string {
  return /^(An|In|At|Earlier|Later|Yesterday)\b/.test(part)
    ? part.charAt(0).toLowerCase() + part.slice(1)
    : part
}

/** Everything about a snapshot that a person may look for, in lower case. */
export function searchText(snapshot: Snapshot, now: number): string {
  const time = timeOf(snapshot)
  const words = [
    whenOf(time, now),
    partOf(time, now),
    kindOf(snapshot),
    noteOf(snapshot),
    osLabelOf(snapshot),
    snapshot.healthy ? 'known good' : '',
    snapshot.pinned ? 'pinned' : '',
  ]
  return words.join(' ').toLowerCase()
}

/**
 * The snapshot that most probably helps, as its place in the list: the newest that is known to start well, and is not merely
 * what was given up when somebody went back. Where going back did not help, the next older one that was not gone back to.
 * There is always one while there are snapshots; 0 without any.
 */
export function suggested({ snapshots, present }: Pick<TimelineInfo, 'snapshots' | 'present'>): number {
  const { from, inVain } = present
  const tried = inVain.length === 0 ? -1 : snapshots.findIndex(({ name }) => name === from)
  const earlier = ({ kind }: Snapshot) => kind !== 'before-rollback'
  const unused = (snapshot: Snapshot) => earlier(snapshot) && !inVain.includes(snapshot.name)
  const older = (snapshot: Snapshot, index: number) => unused(snapshot) && index > tried
  const wishes: ((snapshot: Snapshot, index: number) => boolean)[] = [
    (snapshot, index) => snapshot.healthy && older(snapshot, index),
    (snapshot) => snapshot.healthy && unused(snapshot),
    older,
    unused,
    (snapshot) => snapshot.healthy && earlier(snapshot),
    earlier,
  ]
  const places = wishes.map((wish) => snapshots.findIndex(wish))
  return places.find((place) => place >= 0) ?? 0
}

/** What there is to say about a snapshot that the present came from, or that was gone back to and did not help; else empty. */
export function wentBackSentence(
  { name }: Snapshot,
  { from, byReset, inVain }: TimelineInfo['present'],
): string {
  if (byReset && name === from) return 'Every start goes back to it.'
  return inVain.includes(name) ? 'You went back to this moment already.' : ''
}
