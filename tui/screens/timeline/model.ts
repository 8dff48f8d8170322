import type { Snapshot, TimelineInfo } from '../../../orchestrator/api/index.ts'
import type { Command, List, ListItem, Person } from '../../person.ts'
import {
  kindOf,
  noteOf,
  searchText,
  snapshotName,
  suggested,
  timeOf,
  wentBackSentence,
} from '../../snapshots.ts'
import { subjectNow } from '../../subject-now.ts'
import type { Subject } from '../../system-words.ts'
import { ageOf, dayAndTime } from '../../time.ts'
import { decide, tryingSentence, trySnapshot } from '../trying/trying.ts'
import { deleteSnapshot, returnAtEveryStart, saveNow, writeNote } from './changes.ts'
import { goBack, undoGoingBack } from './going-back.ts'

/** A timeline as a list, and what its own screen shows beyond that. */
export type TimelineModel = List & {
  timeline: TimelineInfo
  /** What can be done with a snapshot. */
  itemOf: (snapshot: Snapshot) => ListItem
}

const HELP = [
  'Each line is a moment that was kept: the whole operating system with its programs, settings and files.',
  'Enter on one asks whether to go back to it. That can be undone: what you have now is kept first.',
  '"Known good" means that the desktop started well with it. The one to try first is chosen already.',
  'Press / and type a word, for example a weekday, "update" or a word of a note, to see only such moments.',
]

export async function timelineList({ api }: Person, subject: Subject): Promise<TimelineModel> {
  const timeline = await api.timeline(subject.name)
  const first = timeline.snapshots[suggested(timeline)]
  const itemOf = (snapshot: Snapshot): ListItem => ({
    id: snapshot.name,
    label: sentenceOf(snapshot, timeline, first),
    about: [],
    open: now(subject, (person, subject) => goBack(person, subject, snapshot)),
    commands: snapshotCommands(subject, snapshot, api),
    searchText: () => searchText(snapshot, Date.now()),
  })
  return {
    title: `Go back, ${subject.title}`,
    heading: 'The moments that were kept:',
    headline: headlineOf(timeline),
    // A whole screen asks only for the moment under its bar.
    get items() {
      return timeline.snapshots.map(itemOf)
    },
    help: HELP,
    commands: timelineCommands(subject, timeline),
    timeline,
    itemOf,
  }
}

/** A question whose words depend on whether the desktop runs: that is looked at before. */
function now(
  subject: Subject,
  story: (person: Person, subject: Subject) => Promise<void>,
  title = 'Go back',
): (person: Person) => Promise<void> {
  return async (person) => {
    const known = await person.look(title, 'Looking at the desktop...', () => subjectNow(person.api, subject))
    await story(person, known)
  }
}

function timelineCommands(subject: Subject, timeline: TimelineInfo): Command[] {
  const { undo, trying, snapshots } = timeline
  const saved = snapshots.find(({ name }) => name === undo)
  const save: Command = { key: 's', does: 'save now', open: (person) => saveNow(person, subject) }
  const back: Command = {
    key: 'u',
    does: 'undo',
    open: now(subject, (person, subject) => undoGoingBack(person, subject, saved)),
  }
  const keep: Command = {
    key: 'k',
    does: 'decide',
    open: now(subject, (person, subject) => decide(person, subject, timeline)),
  }
  return [...(undo === null ? [] : [back]), ...(trying === null ? [] : [keep]), save]
}

function snapshotCommands(subject: Subject, snapshot: Snapshot, api: Person['api']): Command[] {
  const pinned = !snapshot.pinned
  return [
    {
      key: 't',
      word: 'try',
      does: 'try',
      open: now(subject, (person, subject) => trySnapshot(person, subject, snapshot), 'Try a moment'),
    },
    {
      key: 'p',
      word: 'pin',
      does: 'pin',
      act: async () => {
        await api.describeSnapshot(subject.name, snapshot.name, { pinned })
        return pinned ? 'Pinned: it is never deleted by itself.' : 'Not pinned any more.'
      },
    },
    { key: 'n', word: 'note', does: 'note', open: (person) => writeNote(person, subject, snapshot) },
    { key: 'd', word: 'delete', does: 'delete', open: (person) => deleteSnapshot(person, subject, snapshot) },
    {
      key: 'g',
      word: 'every',
      does: 'every start',
      open: (person) => returnAtEveryStart(person, subject, snapshot),
    },
  ]
}

/** A snapshot in one line. */
function sentenceOf(snapshot: Snapshot, { present }: TimelineInfo, first: Snapshot | undefined): string {
  const wentBack = wentBackSentence(snapshot, present)
  const marks = [
    noteOf(snapshot) || kindOf(snapshot),
    snapshot.healthy ? 'known good' : '',
    snapshot.pinned ? 'pinned' : '',
    snapshot === first ? 'try this one first' : '',
    wentBack.charAt(0).toLowerCase() + wentBack.slice(1).replace(/\.$/, ''),
  ]
  const age = ageOf(timeOf(snapshot), Date.now())
  return `${snapshotName(snapshot)} (${age}): ${marks.filter(Boolean).join(', ')}`
}

/** The first line of the timeline: what matters most there. */
function headlineOf(timeline: TimelineInfo): string {
  if (timeline.snapshots.length === 0) return 'No moment was kept yet. Press s to keep what there is now.'
  const tried = tryingSentence(timeline)
  if (tried !== '')
    return `${tried} Press k to ${timeline.trying?.phase === 'armed' ? 'change that' : 'decide'}.`
  if (timeline.undo !== null) return `You went back${undoneWhen(timeline)}. To undo that, press u.`
  return 'Choose a moment and press Enter.'
}

/** The snapshot that undo returns to was kept when somebody went back. */
function undoneWhen({ snapshots, undo }: TimelineInfo): string {
  const saved = snapshots.find(({ name }) => name === undo)
  return saved === undefined ? '' : ` ${dayAndTime(timeOf(saved), Date.now())}`
}
