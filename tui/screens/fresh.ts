import type { CartridgeInfo, JobInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { titleOf } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { messageView } from './confirm.ts'
import { JobView } from './job.ts'
import { perform } from './perform.ts'

const TITLE = 'Start fresh'
const HELP = [
  'An operating system can return to one moment at every start, for computers that many people use.',
  'What is done in it is gone at the next start then. Switching this off keeps what there is from then on.',
]

/** Switches on or off that an operating system returns to one moment at every start. */
export function freshView(system: CartridgeInfo, desk: Desk): View {
  return system.reset ? offView(system, desk) : onView(system, desk)
}

function offView(system: CartridgeInfo, desk: Desk): View {
  const view: View = new ChoiceView(
    {
      title: TITLE,
      text: [`${titleOf(system)} starts fresh every time.`, 'Switched off, it keeps what is done in it.'],
      choices: [
        { label: 'Leave it on', act: () => desk.back() },
        {
          label: 'Switch it off',
          act: () =>
            perform(desk, view, {
              title: TITLE,
              act: () => desk.api.describeCartridge(system.name, { reset: false }),
              done: () => messageView({ title: TITLE, text: ['It keeps what is done in it now.'] }, desk),
            }),
        },
      ],
      help: HELP,
    },
    desk,
  )
  return view
}

function onView(system: CartridgeInfo, desk: Desk): View {
  const before = {
    label: 'On, as it was switched on before',
    act: () =>
      perform(desk, view, {
        title: TITLE,
        act: () => desk.api.describeCartridge(system.name, { reset: true }),
        done: () => doneView(desk),
      }),
  }
  const view: View = new ChoiceView(
    {
      title: TITLE,
      text: [
        `Start ${titleOf(system)} fresh every time?`,
        'Whatever is done in it, files too, is gone at the next start. To choose another moment than now, press g on it in "Go back".',
      ],
      choices: [
        { label: 'No, change nothing', act: () => desk.back() },
        { label: 'On, always as it is now', act: () => desk.replace(view, keepNow(system, desk)) },
        ...(system.golden ? [before] : []),
      ],
      help: HELP,
    },
    desk,
  )
  return view
}

/** Keeps the present as a moment, which every start returns to. */
function keepNow(system: CartridgeInfo, desk: Desk): View {
  return new JobView(
    {
      title: TITLE,
      text: `${titleOf(system)} is kept as it is now.`,
      start: () => desk.api.takeSnapshot(system.name, { kind: 'manual', note: 'Every start returns here' }),
      done: async (job) => {
        await desk.api.describeCartridge(system.name, { golden: momentOf(job), reset: true })
        return doneView(desk)
      },
      stopped: 'Nothing has changed.',
    },
    desk,
  )
}

function doneView(desk: Desk): View {
  return messageView({ title: TITLE, text: ['It starts fresh every time now.'] }, desk)
}

/** The name of the moment that was taken. */
function momentOf({ result }: JobInfo): string {
  if (typeof result === 'object' && result !== null && 'name' in result && typeof result.name === 'string') {
    return result.name
  }
  throw new Error('No moment was kept, so it does not start fresh.')
}
