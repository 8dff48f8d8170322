import type { Moment, TimelineInfo } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { clip } from './terminal/text.ts'
import { partOf, whenOf } from './time.ts'

/** Longest note that is looked at in a list, in characters. */
const LONGEST_NOTE = 200

/** Why a moment was kept, in a few words for a list and in a sentence. */
const KINDS: Record<Moment['kind'], [short: string, sentence: string]> = {
  boot: ['Start of the desktop', 'Kept when the desktop was started.'],
  hourly: ['Kept every hour', 'Kept by itself, as every hour.'],
  daily: ['Kept every day', 'Kept by itself, as every day.'],
  manual: ['Kept by hand', 'Kept because somebody asked for it.'],
  'before-rollback': ['Before going back', 'What you had before you went back.'],
  'before-update': ['Before an update', 'Kept before an update.'],
}

export function kindOf({ kind }: Moment): string {
  return KINDS[kind]?.[0] ?? 'Kept'
}

export function kindSentence({ kind }: Moment): string {
  return KINDS[kind]?.[1] ?? 'Kept.'
}

/** When a moment was taken, in milliseconds since 1970; NaN when it does not say. */
export function timeOf({ takenAt }: Moment): number {
  return Date.parse(takenAt)
}

/** The name of a moment inside a sentence: its time. */
export function momentName(moment: Moment, now = Date.now()): string {
  return whenOf(timeOf(moment), now)
}

export function noteOf({ note }: Moment): string {
  return sanitize(typeof note === 'string' ? note.slice(0, LONGEST_NOTE) : '').trim()
}

export function osLabelOf({ osLabel }: Moment): string {
  return clip(sanitize(osLabel ?? '').trim(), 60)
}

/** A row of the timeline: a heading, or a moment with its place among the moments that are shown. */
export type TimelineRow = { heading: string } | { moment: Moment; index: number }

/** Moments (newest first) under headings as people think of the past; the newest start has a heading of its own. */
export function rowsOf(moments: Moment[], now: number): TimelineRow[] {
  const lastStart = moments.find(({ kind }) => kind === 'boot')
  let before = ''
  return moments.flatMap((moment, index): TimelineRow[] => {
    const part = partOf(timeOf(moment), now)
    const heading = moment === lastStart ? `Last restart, ${lowerFirst(part)}` : part
    const rows: TimelineRow[] = heading === before ? [] : [{ heading }]
    before = heading
    return [...rows, { moment, index }]
  })
}

// Weekdays and months keep their capital.
function lowerFirst(part: string): string {
  return /^(An|In|At|Earlier|Later|Yesterday)\b/.test(part)
    ? part.charAt(0).toLowerCase() + part.slice(1)
    : part
}

/** Everything about a moment that a person may look for, in lower case. */
export function searchText(moment: Moment, now: number): string {
  const time = timeOf(moment)
  const words = [
    whenOf(time, now),
    partOf(time, now),
    kindOf(moment),
    noteOf(moment),
    osLabelOf(moment),
    moment.healthy ? 'known good' : '',
    moment.pinned ? 'pinned' : '',
  ]
  return words.join(' ').toLowerCase()
}

/**
 * The moment that most probably helps, as its place in the list: the newest that is known to start well, and is not merely
 * what was given up when somebody went back. Where going back did not help, the next older one that was not gone back to.
 * There is always one while there are moments; 0 without any.
 */
export function suggested({ snapshots, present }: Pick<TimelineInfo, 'snapshots' | 'present'>): number {
  const { from, inVain } = present
  const tried = inVain.length === 0 ? -1 : snapshots.findIndex(({ name }) => name === from)
  const earlier = ({ kind }: Moment) => kind !== 'before-rollback'
  const unused = (moment: Moment) => earlier(moment) && !inVain.includes(moment.name)
  const older = (moment: Moment, index: number) => unused(moment) && index > tried
  const wishes: ((moment: Moment, index: number) => boolean)[] = [
    (moment, index) => moment.healthy && older(moment, index),
    (moment) => moment.healthy && unused(moment),
    older,
    unused,
    (moment) => moment.healthy && earlier(moment),
    earlier,
  ]
  const places = wishes.map((wish) => snapshots.findIndex(wish))
  return places.find((place) => place >= 0) ?? 0
}

/** What there is to say about a moment that the present came from, or that was gone back to and did not help; else empty. */
export function wentBackSentence(
  { name }: Moment,
  { from, byReset, inVain }: TimelineInfo['present'],
): string {
  if (byReset && name === from) return 'Every start goes back to it.'
  return inVain.includes(name) ? 'You went back to this moment already.' : ''
}
