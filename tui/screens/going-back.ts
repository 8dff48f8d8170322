import type { JobInfo, Moment } from '../../orchestrator/api/index.ts'
import { type Desk, startDesktop } from '../desk.ts'
import { momentName } from '../moments.ts'
import type { Subject } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView, type Question } from './choice.ts'
import { forceView } from './force.ts'
import { JobView } from './job.ts'

/** This many seconds are there to read how it went before the desktop starts by itself. */
const READING_SECONDS = 5

const HELP = [
  'Going back puts programs, settings and files of this operating system to how they were at that moment.',
  'What you have now is not lost: it is kept as a moment of its own, "Before going back", and the key u returns to it.',
]

/** Asks whether to make a moment the present again. It can be undone, so "yes" is chosen already, unless a desktop ends by it. */
export function goBackView(subject: Subject, moment: Moment, desk: Desk): ChoiceView {
  const name = momentName(moment)
  const start = (force: boolean) => desk.api.rollBack(subject.name, moment.name, { force })
  return question(
    `Go back to ${name}?`,
    `${subject.title}, with all files in it, becomes as it was then. What you have now is kept: to undo this, open "Go back" in this menu and press u.`,
    'Go back to this moment',
    { subject, start, done: `You are back at ${name}.`, desk },
  )
}

/** Asks whether to return to what there was before the last going back. */
export function undoView(subject: Subject, moment: Moment | undefined, desk: Desk): ChoiceView {
  const since = moment === undefined ? '' : ` (${momentName(moment)})`
  return question(
    `Undo going back${since}?`,
    `${subject.title} becomes as it was before you went back. What you have now is kept as well, and you can return to it in the same way.`,
    'Undo going back',
    {
      subject,
      start: (force) => desk.api.undo(subject.name, { force }),
      done: 'You have what you had before you went back.',
      desk,
    },
  )
}

type Going = { subject: Subject; start: (force: boolean) => Promise<JobInfo>; done: string; desk: Desk }

function question(title: string, sentence: string, yes: string, going: Going): ChoiceView {
  const { subject, desk } = going
  const shutDown = subject.running
    ? ['The desktop is running: it is shut down first. Save what is open in it.']
    : []
  const view: ChoiceView = new ChoiceView(
    {
      title: 'Go back',
      text: [title, sentence, ...shutDown],
      choices: [
        { label: yes, act: () => desk.replace(view, work(going, false)) },
        { label: 'No, change nothing', act: () => desk.back() },
      ],
      selected: subject.running ? 1 : 0,
      help: HELP,
    },
    desk,
  )
  return view
}

function work(going: Going, force: boolean): JobView {
  const { subject, start, desk } = going
  return new JobView(
    {
      title: 'Going back',
      text: `${subject.title} goes back. What you have now is kept.`,
      start: () => start(force),
      done: () => resultView(going),
      failed: ({ code }) => (code === 'guest-does-not-end' && !force ? switchOffView(going) : null),
      stopped: subject.running
        ? 'You did not go back. If the desktop was shut down already, it starts again.'
        : 'Nothing has changed.',
    },
    desk,
  )
}

function resultView({ subject, done, desk }: Going): View {
  const wayBack = 'What you had before is kept. To return to it: "Go back" in this menu, then the key u.'
  const menu = { label: 'Back to the menu', act: () => desk.home() }
  const common: Omit<Question, 'text' | 'choices'> = {
    title: 'You went back',
    help: ['It is done. What you had before is kept, and this screen says how to return to it.'],
    onEscape: () => desk.home(),
  }
  if (subject.running) {
    return new ChoiceView(
      { ...common, text: [done, wayBack, 'The desktop is starting.'], choices: [menu] },
      desk,
    )
  }
  if (!subject.inserted) return new ChoiceView({ ...common, text: [done, wayBack], choices: [menu] }, desk)
  return new ChoiceView(
    {
      ...common,
      text: [done, wayBack],
      choices: [{ label: 'Start the desktop now', act: () => startDesktop(desk) }, menu],
      countdown: {
        seconds: READING_SECONDS,
        text: (seconds) => `The desktop starts in ${seconds} s. Any key stops that.`,
      },
    },
    desk,
  )
}

function switchOffView(going: Going): ChoiceView {
  const { desk } = going
  return forceView(
    {
      title: 'Go back',
      yes: 'Switch it off and go back',
      onYes: (view) => desk.replace(view, work(going, true)),
    },
    desk,
  )
}
