import type { Moment, TimelineInfo } from '../../orchestrator/api/index.ts'
import { type Desk, startDesktop } from '../desk.ts'
import { momentName } from '../moments.ts'
import { insertedSubject, type Subject } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { messageView } from './confirm.ts'
import { perform } from './perform.ts'

type Trying = NonNullable<TimelineInfo['trying']>

/** Asks whether to start a moment once without going back to it. Nothing is lost by that, so "yes" is chosen already. */
export function tryView(subject: Subject, moment: Moment, desk: Desk): ChoiceView {
  const text = [
    `Try ${momentName(moment)}?`,
    `${subject.title} starts once as it was then. What you have now stays untouched, and afterwards you decide which of the two you keep.`,
  ]
  const startsNow = subject.inserted && !subject.running
  const view: ChoiceView = new ChoiceView(
    {
      title: 'Try a moment',
      text,
      choices: [
        {
          label: startsNow ? 'Try it: start the desktop' : 'Try it at the next start',
          act: () =>
            startsNow
              ? void desk.request(
                  'Trying',
                  ['Starting the desktop...', 'It starts as it was then.'],
                  async () => {
                    await desk.api.tryMoment(subject.name, moment.name)
                    await desk.api.startDesktop()
                  },
                )
              : ask(
                  view,
                  () => desk.api.tryMoment(subject.name, moment.name),
                  'The next start tries it.',
                  desk,
                ),
        },
        { label: 'No, change nothing', act: () => desk.back() },
      ],
      help: [
        'Trying a moment starts the desktop with a copy of it. What you have now waits beside it.',
        'When you open this menu the next time, it asks whether to keep the copy or what you had.',
      ],
    },
    desk,
  )
  return view
}

/** The question that a tried moment of the inserted operating system waits for; null when there is none. */
export async function pendingDecision(desk: Desk): Promise<View | null> {
  const { status } = desk.state
  const subject = status === null ? null : insertedSubject(status)
  if (subject === null || subject.running) return null
  try {
    const { trying, snapshots } = await desk.api.timeline(subject.name)
    if (trying === null || trying.phase === 'armed') return null
    return decisionView(subject, trying, snapshots, desk)
  } catch {
    // The same failure is shown by the screens that the person opens; the first screen works without an answer.
    return null
  }
}

/** Asks what to do with a moment that is or will be tried. Deciding nothing is chosen already. */
export function decisionView(subject: Subject, trying: Trying, snapshots: Moment[], desk: Desk): ChoiceView {
  const moment = snapshots.find(({ name }) => name === trying.snapshot)
  const name = moment === undefined ? 'an earlier moment' : momentName(moment)
  const drop = () => desk.api.dropTry(subject.name)
  const keep = () => desk.api.keepTry(subject.name)
  const later = { label: 'Decide later', act: () => desk.back() }
  const armed = trying.phase === 'armed'
  const view: ChoiceView = new ChoiceView(
    {
      title: 'Try a moment',
      text: armed
        ? [`The next start tries ${name}.`, 'What you have now stays untouched by that.']
        : [
            trying.phase === 'ended' ? `You tried ${name}. Keep it?` : `You are trying ${name}. Keep it?`,
            `Keep it: ${subject.title} goes on from there; what you had before stays as a moment. Go back to what you had: what you did while trying is lost.`,
          ],
      choices: armed
        ? [
            { label: 'Leave it so', act: () => desk.back() },
            { label: 'Do not try it', act: () => ask(view, drop, 'It will not be tried.', desk) },
          ]
        : [
            later,
            {
              label: 'Keep what I tried',
              act: () => ask(view, keep, 'You keep what you tried.', desk, subject),
            },
            {
              label: 'Go back to what I had',
              act: () => ask(view, drop, 'You have what you had before.', desk, subject),
            },
          ],
      help: [
        'You asked to start an earlier moment once, to see whether it helps. Both still exist: what you had, and what you tried.',
        'Until you decide, the desktop starts with what you had.',
      ],
    },
    desk,
  )
  return view
}

/** Asks the machine and says how it went; offers the desktop when `starts` could be started now. */
function ask(view: View, act: () => Promise<void>, done: string, desk: Desk, starts?: Subject): void {
  perform(desk, view, { title: 'Try a moment', act, done: () => said(done, desk, starts) })
}

function said(done: string, desk: Desk, starts?: Subject): View {
  if (starts === undefined || !starts.inserted || starts.running) {
    return messageView({ title: 'Try a moment', text: [done] }, desk)
  }
  return new ChoiceView(
    {
      title: 'Try a moment',
      text: [done],
      choices: [
        { label: 'Start the desktop', act: () => startDesktop(desk) },
        { label: 'Back', act: () => desk.back() },
      ],
      help: ['It is done. The desktop can be started now.'],
    },
    desk,
  )
}
