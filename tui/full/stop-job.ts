import { sentenceOf } from '../../orchestrator/api/contract.ts'
import type { Story } from '../person.ts'

/** Asks whether work shall be stopped, or go on while the menu is used. `id` is not known before the work was accepted. */
export function stopJob(title: string, id: () => string | undefined): Story {
  return async (person) => {
    const answer = await person.choose<'stop' | 'leave'>({
      title,
      text: [
        'Stop this?',
        'What is not finished is put back. If the desktop was shut down for it already, it starts again; what was open in it is closed.',
      ],
      answers: [
        { label: 'No, go on', value: null },
        { label: 'Yes, stop', value: 'stop' },
        { label: 'Go on, and show the menu', value: 'leave' },
      ],
      help: ['This screen asks whether to stop the work that is being done. It goes on until you answer.'],
    })
    if (answer === 'leave') person.home()
    const accepted = id()
    if (answer !== 'stop' || accepted === undefined) return
    await person.perform(title, () =>
      person.api.cancelJob(accepted).catch((error) => {
        throw new Error(`It cannot be stopped: ${sentenceOf(error)}`)
      }),
    )
  }
}
