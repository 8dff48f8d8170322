import type { CartridgeInfo } from '../../orchestrator/api/contract.ts'
import { type Desk, startDesktop } from '../desk.ts'
import { titleOf } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { confirmView, messageView } from './confirm.ts'
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
              done: () => insertedView(title, desk),
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

function insertedView(title: string, desk: Desk): View {
  if (desk.state.status?.console.running === true) {
    const text = [
      `${title} is the desktop from the next start on.`,
      'What runs now goes on until it is shut down.',
    ]
    return messageView({ title: 'Make it the desktop', text, act: () => desk.home() }, desk)
  }
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

/** Asks before an operating system goes to the trash, and offers to bring it back. */
export function deleteView(system: CartridgeInfo, desk: Desk): View {
  const title = titleOf(system)
  let entry = ''
  const view: View = confirmView(
    {
      title: 'Delete',
      text: [
        `Delete ${title}, with all files in it and all of its moments?`,
        'It can be brought back with "Bring back a deleted one" until its space is needed.',
      ],
      no: 'No, keep it',
      yes: 'Yes, delete it',
      help: ['This screen asks before an operating system is deleted.'],
      onYes: () =>
        perform(desk, view, {
          title: 'Delete',
          act: async () => {
            entry = (await desk.api.deleteCartridge(system.name)).trash
          },
          done: () => deletedView(title, () => entry, desk),
        }),
    },
    desk,
  )
  return view
}

function deletedView(title: string, entry: () => string, desk: Desk): View {
  const view: View = new ChoiceView(
    {
      title: 'Delete',
      text: [`${title} is deleted.`, 'It can be brought back until its space is needed.'],
      choices: [
        { label: 'Good', act: () => desk.home() },
        {
          label: 'Bring it back',
          act: () =>
            perform(desk, view, {
              title: 'Bring back',
              act: () => desk.api.restoreCartridge(entry()),
              done: () =>
                messageView(
                  { title: 'Bring back', text: [`${title} is back.`], act: () => desk.home() },
                  desk,
                ),
            }),
        },
      ],
      onEscape: () => desk.home(),
      help: ['It is done, and this screen can take it back.'],
    },
    desk,
  )
  return view
}
