import { sentenceOf } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { errorView } from './error.ts'

/** Asks whether work shall be stopped, or go on while the menu is used. `id` is not known before the work was accepted. */
export function stopQuestion(title: string, id: () => string | undefined, desk: Desk): View {
  return new ChoiceView(
    {
      title,
      text: [
        'Stop this?',
        'What is not finished is put back. If the desktop was shut down for it already, it starts again; what was open in it is closed.',
      ],
      choices: [
        { label: 'No, go on', act: () => desk.back() },
        { label: 'Yes, stop', act: () => stop(id(), desk) },
        { label: 'Go on, and show the menu', act: () => desk.home() },
      ],
      help: ['This screen asks whether to stop the work that is being done. It goes on until you answer.'],
    },
    desk,
  )
}

function stop(id: string | undefined, desk: Desk): void {
  desk.back()
  if (id === undefined) return
  void desk.api.cancelJob(id).catch((error) => {
    desk.open(errorView(`It cannot be stopped: ${sentenceOf(error)}`, desk, () => desk.back()))
  })
}
