import type { CartridgeInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { titleOf } from '../system-words.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { confirmView, messageView } from './confirm.ts'
import { perform } from './perform.ts'

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
