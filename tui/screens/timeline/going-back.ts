import type { JobInfo, Snapshot } from '../../../orchestrator/api/index.ts'
import type { Answer, Person } from '../../person.ts'
import { followByForce } from '../../questions.ts'
import { snapshotName } from '../../snapshots.ts'
import type { Subject } from '../../system-words.ts'
import { startDesktop } from '../power/power.ts'

/** This many seconds are there to read how it went before the desktop starts by itself. */
const READING_SECONDS = 5

const HELP = [
  'Going back puts programs, settings and files of this operating system to how they were at that moment.',
  'What you have now is not lost: it is kept as a moment of its own, "Before going back", and the key u returns to it.',
]

/** Asks whether to make a snapshot the present again, and does it. */
export function goBack(person: Person, subject: Subject, snapshot: Snapshot): Promise<void> {
  const name = snapshotName(snapshot)
  return go(person, subject, {
    title: `Go back to ${name}?`,
    sentence: `${subject.title}, with all files in it, becomes as it was then. What you have now is kept: to undo this, open "Go back" in this menu and press u.`,
    yes: 'Go back to this moment',
    start: (force) => person.api.rollBack(subject.name, snapshot.name, { force }),
    done: `You are back at ${name}.`,
  })
}

/** Asks whether to return to what there was before the last going back, and does it. */
export function undoGoingBack(person: Person, subject: Subject, saved: Snapshot | undefined): Promise<void> {
  const since = saved === undefined ? '' : ` (${snapshotName(saved)})`
  return go(person, subject, {
    title: `Undo going back${since}?`,
    sentence: `${subject.title} becomes as it was before you went back. What you have now is kept as well, and you can return to it in the same way.`,
    yes: 'Undo going back',
    start: (force) => person.api.undo(subject.name, { force }),
    done: 'You have what you had before you went back.',
  })
}

type Going = {
  title: string
  sentence: string
  yes: string
  start: (force: boolean) => Promise<JobInfo>
  done: string
}

/** It can be undone, so "yes" is chosen already, unless a desktop ends by it. */
async function go(person: Person, subject: Subject, going: Going): Promise<void> {
  const { title, sentence, yes, start, done } = going
  const shutDown = 'The desktop is running: it is shut down first. Save what is open in it.'
  const isWanted = await person.choose({
    title: 'Go back',
    text: [title, sentence, ...(subject.running ? [shutDown] : [])],
    answers: [
      { label: yes, value: true },
      { label: 'No, change nothing', value: null },
    ],
    selected: subject.running ? 1 : 0,
    help: HELP,
  })
  if (!isWanted) return
  const work = (force: boolean) => ({
    title: force ? 'Go back' : 'Going back',
    text: `${subject.title} goes back. What you have now is kept.`,
    start: () => start(force),
    stopped: subject.running
      ? 'You did not go back. If the desktop was shut down already, it starts again.'
      : 'Nothing has changed.',
  })
  const ended = await followByForce(person, work, 'Switch it off and go back')
  if (ended !== null) await tellResult(person, subject, done)
}

async function tellResult(person: Person, subject: Subject, done: string): Promise<void> {
  const wayBack = 'What you had before is kept. To return to it: "Go back" in this menu, then the key u.'
  const startsNow = subject.inserted && !subject.running
  const start: Answer<true> = { label: 'Start the desktop now', value: true }
  const isStarted = await person.choose<true>({
    title: 'You went back',
    text: [done, wayBack, ...(subject.running ? ['The desktop is starting.'] : [])],
    answers: [...(startsNow ? [start] : []), { label: 'Back to the menu', value: null }],
    help: ['It is done. What you had before is kept, and this screen says how to return to it.'],
    kind: 'offer',
    ...(startsNow ? { countdown: COUNTDOWN } : {}),
  })
  if (isStarted) await startDesktop(person)
  else person.home()
}

const COUNTDOWN = {
  seconds: READING_SECONDS,
  text: (seconds: number) => `The desktop starts in ${seconds} s. Any key stops that.`,
}
