import type { Moment, TimelineInfo } from '../../orchestrator/api/contract.ts'
import { kindOf, kindSentence, noteOf, osLabelOf, timeOf, wentBackSentence } from '../moments.ts'
import { type Line, line, type Style, wrap } from '../terminal/text.ts'
import { ageOf, whenOf } from '../time.ts'
import { gigabytes } from '../words.ts'

/** What else there is to say about a moment than it says itself. */
export type Circumstances = {
  now: number
  suggested: boolean
  trying: boolean
  undo: boolean
  /** That it was gone back to, in a sentence; empty when it was not. */
  wentBack: string
}

/** Of the moment with the name `first` it is said that it is the one to try first. */
export function circumstances(
  moment: Moment,
  timeline: TimelineInfo,
  first: string | undefined,
): Circumstances {
  const { trying, undo, present } = timeline
  return {
    now: Date.now(),
    suggested: moment.name === first,
    trying: trying?.snapshot === moment.name,
    undo: undo === moment.name,
    wentBack: wentBackSentence(moment, present),
  }
}

/** Everything about a moment as paragraphs, most important first, for `rows` rows of `width` cells. */
export function momentDetails(moment: Moment, about: Circumstances, width: number, rows: number): Line[] {
  const texts = rows >= 8 ? longText(moment, about) : shortText(moment, about)
  return texts
    .flatMap(([text, style]) =>
      text === '' ? [line('')] : wrap(text, width, 4).map((row) => line(row, style)),
    )
    .slice(0, rows)
}

type Paragraph = [text: string, style: Style]

function longText(moment: Moment, about: Circumstances): Paragraph[] {
  const { now, suggested, trying, undo, wentBack } = about
  const time = timeOf(moment)
  const [note, label] = [noteOf(moment), osLabelOf(moment)]
  const paragraphs: (Paragraph | false)[] = [
    [capital(ageOf(time, now)), 'strong'],
    [capital(whenOf(time, now)), 'plain'],
    ['', 'plain'],
    [moment.healthy ? 'Known good: the desktop started well.' : 'Not known whether it starts well.', 'plain'],
    note !== '' && [`Note: ${note}`, 'plain'],
    suggested && ['This is the one to try first.', 'plain'],
    wentBack !== '' && [wentBack, 'strong'],
    trying && ['You asked to try this one.', 'strong'],
    undo && ['The key u returns to it.', 'strong'],
    ['', 'plain'],
    [kindSentence(moment), 'plain'],
    moment.pinned && ['Pinned: never deleted by itself.', 'plain'],
    label !== '' && [`System: ${label}`, 'plain'],
    [`Written since the one before: ${size(moment.writtenBytes)}`, 'plain'],
    [`Space that only it needs: ${size(moment.exclusiveBytes)}`, 'plain'],
    moment.consistency === 'crash-consistent' && ['Taken while the desktop was busy.', 'plain'],
  ]
  return paragraphs.filter((each) => each !== false)
}

function shortText(moment: Moment, { now, trying, undo, wentBack }: Circumstances): Paragraph[] {
  const state = moment.healthy ? 'known good' : 'not known whether good'
  const marks = [moment.pinned && 'pinned', trying && 'is tried', undo && 'u returns to it'].filter(Boolean)
  const [note, label] = [noteOf(moment), osLabelOf(moment)]
  return [
    [`${capital(ageOf(timeOf(moment), now))}, ${state}`, 'strong'],
    [wentBack || [note || kindOf(moment), ...marks].join(', '), 'plain'],
    [`Written ${size(moment.writtenBytes)}, needs ${size(moment.exclusiveBytes)}`, 'plain'],
    [label || kindSentence(moment), 'plain'],
  ]
}

function size(bytes: number | null): string {
  return bytes === null ? 'not measured' : gigabytes(bytes)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
