import type { Desk } from '../desk.ts'
import type { ChoiceView } from './choice.ts'
import { confirmView } from './confirm.ts'

/** Asks whether a desktop that does not shut down is to be switched off. */
export function forceView(
  { title, yes, onYes }: { title: string; yes: string; onYes: (view: ChoiceView) => void },
  desk: Desk,
): ChoiceView {
  const view: ChoiceView = confirmView(
    {
      title,
      text: [
        'The desktop does not shut down.',
        'Nothing has changed yet. It can be switched off as if its plug were pulled; work that was not saved in it is lost then.',
      ],
      no: 'Leave it running',
      yes,
      help: ['The desktop was asked to shut down and did not. Perhaps a program in it waits for an answer.'],
      onYes: () => onYes(view),
    },
    desk,
  )
  return view
}
