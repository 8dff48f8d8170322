import type { CartridgeInfo } from '../../orchestrator/api/index.ts'
import { type Desk, startDesktop } from '../desk.ts'
import { titleOf } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { messageView } from './confirm.ts'
import { forceView } from './force.ts'
import { JobView } from './job.ts'
import { perform } from './perform.ts'

/** Asks whether the desktop shall be this operating system from now on. */
export function insertView(system: CartridgeInfo, desk: Desk): View {
  const title = titleOf(system)
  const view: View = new ChoiceView(
    {
      title: 'Make it the desktop',
      text: [
        `Make ${title} the desktop?`,
        'The computer starts it from then on. The operating system that is the desktop now stays as it is and can be made the desktop again.',
      ],
      choices: [
        {
          label: 'Yes, make it the desktop',
          act: () =>
            perform(desk, view, {
              title: 'Make it the desktop',
              act: () => desk.api.insert(system.name),
              done: () => insertedView(system, desk),
            }),
        },
        { label: 'No, change nothing', act: () => desk.back() },
      ],
      help: ['One operating system at a time is the desktop. Changing it deletes nothing.'],
    },
    desk,
  )
  return view
}

function insertedView(system: CartridgeInfo, desk: Desk): View {
  const title = titleOf(system)
  if (desk.state.status?.console.running === true) return runningView(system, desk)
  return new ChoiceView(
    {
      title: 'Make it the desktop',
      text: [`${title} is the desktop now.`],
      choices: [
        { label: 'Start the desktop', act: () => startDesktop(desk) },
        { label: 'Back to the menu', act: () => desk.home() },
      ],
      onEscape: () => desk.home(),
      help: ['It is done. The desktop can be started now.'],
    },
    desk,
  )
}

/** Another one runs: it goes on, unless it is to be restarted. */
function runningView(system: CartridgeInfo, desk: Desk): View {
  const title = titleOf(system)
  const view: View = new ChoiceView(
    {
      title: 'Make it the desktop',
      text: [
        `${title} is the desktop from the next start on.`,
        'What runs now goes on until it is shut down.',
      ],
      choices: [
        { label: 'Good', act: () => desk.home() },
        {
          label: 'Restart the desktop with it now',
          act: () => desk.replace(view, switching(system, false, desk)),
        },
      ],
      onEscape: () => desk.home(),
      help: ['It is done. Programs in the desktop that runs should be saved before it is shut down.'],
    },
    desk,
  )
  return view
}

function switching(system: CartridgeInfo, force: boolean, desk: Desk): JobView {
  const title = 'Make it the desktop'
  const askForce = () =>
    forceView(
      {
        title,
        yes: 'Switch it off',
        onYes: (view) => desk.replace(view, switching(system, true, desk)),
      },
      desk,
    )
  return new JobView(
    {
      title,
      text: `${titleOf(system)} becomes the desktop.`,
      start: () => desk.api.switchTo(system.name, { force }),
      done: () =>
        messageView({ title, text: [`${titleOf(system)} is starting.`], act: () => desk.home() }, desk),
      failed: ({ code }) => (code === 'guest-does-not-end' && !force ? askForce() : null),
      stopped: 'What runs goes on.',
    },
    desk,
  )
}
