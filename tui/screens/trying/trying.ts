import type { Snapshot, TimelineInfo } from '../../../orchestrator/api/index.ts'
import type { Person } from '../../person.ts'
import { performAndTell, tell } from '../../questions.ts'
import { snapshotName } from '../../snapshots.ts'
import { insertedSubject, type Subject } from '../../system-words.ts'
import { startDesktop } from '../power/power.ts'

const TITLE = 'Try a moment'

/** Asks whether to start a snapshot once without going back to it. Nothing is lost by that, so "yes" is chosen already. */
export async function trySnapshot(person: Person, subject: Subject, snapshot: Snapshot): Promise<void> {
  const startsNow = subject.inserted && !subject.running
  const yes = await person.choose({
    title: TITLE,
    text: [
      `Try ${snapshotName(snapshot)}?`,
      `${subject.title} starts once as it was then. What you have now stays untouched, and afterwards you decide which of the two you keep.`,
    ],
    answers: [
      { label: startsNow ? 'Try it: start the desktop' : 'Try it at the next start', value: true },
      { label: 'No, change nothing', value: null },
    ],
    help: [
      'Trying a moment starts the desktop with a copy of it. What you have now waits beside it.',
      'When you open this menu the next time, it asks whether to keep the copy or what you had.',
    ],
  })
  if (!yes) return
  const { api } = person
  const arm = () => api.trySnapshot(subject.name, snapshot.name)
  if (!startsNow) return performAndTell(person, TITLE, arm, ['The next start tries it.'])
  await person.request('Trying', ['Starting the desktop...', 'It starts as it was then.'], async () => {
    await arm()
    await api.startDesktop()
  })
}

/** The question that a tried snapshot of the inserted operating system waits for, if there is one. */
export async function decidePending(person: Person): Promise<void> {
  const subject = insertedSubject(person.machine.known.status)
  if (subject === null || subject.running) return
  // The same failure is shown by the screens that the person opens; the first screen works without an answer.
  const timeline = await person.api.timeline(subject.name).catch(() => null)
  if (timeline?.trying && timeline.trying.phase !== 'armed') await decide(person, subject, timeline)
}

/** Asks what to do with a snapshot that is or will be tried. Deciding nothing is chosen already. */
export async function decide(person: Person, subject: Subject, timeline: TimelineInfo): Promise<void> {
  if (timeline.trying?.phase === 'armed') await decideBefore(person, subject, timeline)
  else await decideAfter(person, subject, timeline)
}

async function decideBefore(person: Person, { name }: Subject, timeline: TimelineInfo): Promise<void> {
  const drop = await person.choose({
    title: TITLE,
    text: [tryingSentence(timeline), 'What you have now stays untouched by that.'],
    answers: [
      { label: 'Leave it so', value: null },
      { label: 'Do not try it', value: true, word: 'drop' },
    ],
    help: HELP,
  })
  if (drop) await performAndTell(person, TITLE, () => person.api.dropTry(name), ['It will not be tried.'])
}

async function decideAfter(person: Person, subject: Subject, timeline: TimelineInfo): Promise<void> {
  const { api } = person
  const answer = await person.choose<'keep' | 'drop'>({
    title: TITLE,
    text: [
      `${tryingSentence(timeline)} Keep it?`,
      `Keep it: ${subject.title} goes on from there; what you had before stays as a moment. Go back to what you had: what you did while trying is lost.`,
    ],
    answers: [
      { label: 'Decide later', value: null },
      { label: 'Keep what I tried', value: 'keep', word: 'keep' },
      { label: 'Go back to what I had', value: 'drop', word: 'drop' },
    ],
    help: HELP,
  })
  if (answer === null) return
  const keeps = answer === 'keep'
  await person.perform(TITLE, () => (keeps ? api.keepTry(subject.name) : api.dropTry(subject.name)))
  const done = keeps ? 'You keep what you tried.' : 'You have what you had before.'
  const startsNow = subject.inserted && !subject.running
  if (!startsNow) return tell(person, TITLE, [done])
  const start = await person.choose({
    title: TITLE,
    text: [done],
    answers: [
      { label: 'Start the desktop', value: true },
      { label: 'Back', value: null },
    ],
    help: ['It is done. The desktop can be started now.'],
    kind: 'offer',
  })
  if (start) await startDesktop(person)
}

/** Which snapshot is tried, in a sentence; empty when none is. */
export function tryingSentence({ snapshots, trying }: TimelineInfo): string {
  if (trying === null) return ''
  const snapshot = snapshots.find(({ name }) => name === trying.snapshot)
  const name = snapshot === undefined ? 'an earlier moment' : snapshotName(snapshot)
  if (trying.phase === 'armed') return `The next start tries ${name}.`
  return trying.phase === 'running' ? `You are trying ${name}.` : `You tried ${name}.`
}

const HELP = [
  'You asked to start an earlier moment once, to see whether it helps. Both still exist: what you had, and what you tried.',
  'Until you decide, the desktop starts with what you had.',
]
