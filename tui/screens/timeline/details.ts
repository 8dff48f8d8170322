import type { Snapshot, TimelineInfo } from '../../../orchestrator/api/index.ts'
import { kindOf, kindSentence, noteOf, osLabelOf, timeOf, wentBackSentence } from '../../snapshots.ts'
import { clip, type Line, line, type Style, wrap } from '../../terminal/text.ts'
import { ageOf, whenOf } from '../../time.ts'
import { gigabytes } from '../../words.ts'

/** What else there is to say about a snapshot than it says itself. */
export type Circumstances = {
  now: number
  suggested: boolean
  trying: boolean
  undo: boolean
  /** That it was gone back to, in a sentence; empty when it was not. */
  wentBack: string
}

/** Of the snapshot with the name `first` it is said that it is the one to try first. */
export function circumstances(
  snapshot: Snapshot,
  timeline: TimelineInfo,
  first: string | undefined,
): Circumstances {
  const { trying, undo, present } = timeline
  return {
    now: Date.now(),
    suggested: snapshot.name === first,
    trying: trying?.snapshot === snapshot.name,
    undo: undo === snapshot.name,
    wentBack: wentBackSentence(snapshot, present),
  }
}

/** Everything about a snapshot as paragraphs for `rows` rows of `width` cells. What matters least is left out when it does not fit. */
export function snapshotDetails(
  snapshot: Snapshot,
  about: Circumstances,
  width: number,
  rows: number,
): Line[] {
  if (rows < 8) return shortText(snapshot, about, width).slice(0, rows)
  const paragraphs = longText(snapshot, about, width).filter(
    ({ text, blank }) => text !== '' || blank === true,
  )
  const linesOf = ({ text, style = 'plain', longest = 2 }: Paragraph) =>
    text === '' ? [line('')] : wrap(text, width, longest).map((row) => line(row, style))
  const count = () => paragraphs.flatMap(linesOf).length
  while (count() > rows) {
    const least = paragraphs.reduce((one, other) => (other.rank >= one.rank ? other : one))
    paragraphs.splice(paragraphs.indexOf(least), 1)
  }
  return paragraphs.flatMap(linesOf)
}

/** The higher the rank, the less it matters; `longest` is in rows. */
type Paragraph = { text: string; rank: number; style?: Style; longest?: number; blank?: boolean }

/** In the order of the screen. */
function longText(snapshot: Snapshot, about: Circumstances, width: number): Paragraph[] {
  const { now, suggested, trying, undo, wentBack } = about
  const time = timeOf(snapshot)
  const [note, label] = [noteOf(snapshot), osLabelOf(snapshot)]
  const when = (condition: boolean, text: string) => (condition ? text : '')
  return [
    { text: capital(ageOf(time, now)), rank: 0, style: 'strong' },
    { text: capital(whenOf(time, now)), rank: 0 },
    { text: '', rank: 9, blank: true },
    {
      text: snapshot.healthy ? 'Known good: the desktop started well.' : 'Not known whether it starts well.',
      rank: 1,
    },
    { text: when(note !== '', `Note: ${note}`), rank: 3, longest: 4 },
    { text: when(suggested, 'This is the one to try first.'), rank: 5 },
    { text: wentBack, rank: 1, style: 'strong' },
    { text: when(trying, 'You asked to try this one.'), rank: 1, style: 'strong' },
    { text: when(undo, 'The key u returns to it.'), rank: 1, style: 'strong' },
    { text: '', rank: 9, blank: true },
    { text: kindSentence(snapshot), rank: 2 },
    { text: when(snapshot.consistency === 'crash-consistent', 'Taken while the desktop was busy.'), rank: 2 },
    { text: when(snapshot.pinned, 'Pinned: never deleted by itself.'), rank: 4 },
    ...sizes(snapshot, width).map((text) => ({ text, rank: 4 })),
    { text: when(label !== '', `System: ${label}`), rank: 6, longest: 3 },
  ]
}

/** As few rows as there are on a small screen; each is one row, and begins with what matters most in it. */
function shortText(snapshot: Snapshot, about: Circumstances, width: number): Line[] {
  const state = snapshot.healthy ? 'known good' : 'not known whether good'
  const busy = snapshot.consistency === 'crash-consistent' ? 'taken while busy' : ''
  const listed = (...texts: (string | false)[]) => texts.filter(Boolean).join(', ')
  const [note, label] = [noteOf(snapshot), osLabelOf(snapshot)]
  const kind = note === '' && about.wentBack === '' ? '' : kindOf(snapshot)
  const texts = [
    about.wentBack ||
      listed(
        about.trying && 'is tried',
        about.undo && 'u returns to it',
        snapshot.pinned && 'pinned',
        note || kindOf(snapshot),
      ),
    sizes(snapshot, width)[0] ?? '',
    listed(kind, busy, label) || kindSentence(snapshot),
  ]
  const first = line(clip(`${capital(ageOf(timeOf(snapshot), about.now))}, ${state}`, width), 'strong')
  return [first, ...texts.map((text) => line(clip(text, width)))]
}

/** What was written since the moment before, and what only this one needs: in full where there is room. */
function sizes({ writtenBytes, exclusiveBytes }: Snapshot, width: number): string[] {
  if (writtenBytes === null && exclusiveBytes === null) return ['Its size is not measured yet.']
  const [written, needed] = [size(writtenBytes), size(exclusiveBytes)]
  if (width < 44) return [`Written ${written}, needs ${needed}`]
  return [`Written since the one before: ${written}`, `Space that only it needs: ${needed}`]
}

function size(bytes: number | null): string {
  return bytes === null ? 'not measured' : gigabytes(bytes)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
