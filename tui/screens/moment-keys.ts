import type { Moment, TimelineInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { momentName, timeOf } from '../moments.ts'
import { subjectNow } from '../subject-now.ts'
import type { Subject } from '../system-words.ts'
import { dayAndTime } from '../time.ts'
import type { KeyHint } from '../widgets/key-bar.ts'
import { deleteView, goldenView, noteView, saveView } from './moment-changes.ts'
import { tryView } from './trying.ts'

const SAVE: KeyHint = { key: 's', does: 'save now' }
/** What else can be done, most of it with the moment under the bar. */
const MOMENT_KEYS: KeyHint[] = [
  { key: 't', does: 'try' },
  { key: '/', does: 'find' },
  { key: 'n', does: 'note' },
  { key: 'p', does: 'pin' },
  { key: 'd', does: 'delete' },
  SAVE,
  { key: 'g', does: 'every start' },
]

/** For the key bar of a timeline, most important first. */
export function timelineKeys({ undo, trying, snapshots }: TimelineInfo, typing: boolean): KeyHint[] {
  if (typing) {
    return [
      { key: 'Enter', does: 'keep the words' },
      { key: 'Esc', does: 'show all' },
    ]
  }
  const leave: KeyHint = { key: 'Esc', does: 'leave' }
  const help: KeyHint = { key: '?', does: 'all keys' }
  if (snapshots.length === 0) return [SAVE, leave, help]
  return [
    { key: 'Enter', does: 'go back' },
    leave,
    help,
    ...(undo === null ? [] : [{ key: 'u', does: 'undo' }]),
    ...(trying === null ? [] : [{ key: 'k', does: 'decide' }]),
    ...MOMENT_KEYS,
  ]
}

/** Does something at once and says `news` on the timeline's first line. */
type Ask = (work: () => Promise<void>, news: string) => Promise<void>

/** Carries out the letter for the moment; `s` needs none. Letters without a meaning do nothing. */
export function momentKey(
  char: string,
  moment: Moment | undefined,
  subject: Subject,
  desk: Desk,
  ask: Ask,
): void {
  if (char === 's') desk.open(saveView(subject, desk))
  if (moment === undefined) return
  if (char === 't') {
    void desk.openLater('Try a moment', 'Looking at the desktop...', async () =>
      tryView(await subjectNow(desk.api, subject), moment, desk),
    )
  }
  if (char === 'n') desk.open(noteView(subject, moment, desk))
  if (char === 'd') desk.open(deleteView(subject, moment, desk))
  if (char === 'g') {
    void desk.openLater('Every start', 'Looking...', async () => {
      const systems = await desk.api.cartridges()
      const isSet = systems.some(({ name, golden }) => name === subject.name && golden)
      return goldenView(subject, moment, isSet, desk)
    })
  }
  if (char !== 'p') return
  const pinned = !moment.pinned
  const news = pinned ? 'Pinned: it is never deleted by itself.' : 'Not pinned any more.'
  void ask(() => desk.api.describeSnapshot(subject.name, moment.name, { pinned }), news)
}

/** The first line of the timeline: what matters most there. */
export function describeTimeline(timeline: TimelineInfo): string {
  if (timeline.snapshots.length === 0) return 'No moment was kept yet. Press s to keep what there is now.'
  const tried = tryingSentence(timeline)
  if (tried !== '')
    return `${tried} Press k to ${timeline.trying?.phase === 'armed' ? 'change that' : 'decide'}.`
  if (timeline.undo !== null) return `You went back${undoneWhen(timeline)}. To undo that, press u.`
  return 'Choose a moment and press Enter.'
}

/** The moment that undo returns to was kept when somebody went back. */
function undoneWhen({ snapshots, undo }: TimelineInfo): string {
  const saved = snapshots.find(({ name }) => name === undo)
  return saved === undefined ? '' : ` ${dayAndTime(timeOf(saved), Date.now())}`
}

/** Which moment is tried, in a sentence; empty when none is. */
export function tryingSentence({ snapshots, trying }: TimelineInfo): string {
  if (trying === null) return ''
  const moment = snapshots.find(({ name }) => name === trying.snapshot)
  const name = moment === undefined ? 'an earlier moment' : momentName(moment)
  if (trying.phase === 'armed') return `The next start tries ${name}.`
  return trying.phase === 'running' ? `You are trying ${name}.` : `You tried ${name}.`
}
