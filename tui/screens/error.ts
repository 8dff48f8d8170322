import { DeskvisorError, sentenceOf } from '../../orchestrator/api/contract.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Navigation } from '../view.ts'
import { ChoiceView } from './choice.ts'

/** Something did not work: one sentence, what to do next, and the way back, which is the first screen unless said otherwise. */
export function errorView(error: unknown, nav: Navigation, leave?: () => void): ChoiceView {
  const act = leave ?? (() => nav.home())
  return new ChoiceView(
    {
      title: 'That did not work',
      text: [sanitize(sentenceOf(error)) || 'Something did not work.', hintOf(error)],
      choices: [{ label: leave === undefined ? 'Back to the menu' : 'Back', act }],
      onEscape: act,
      warning: true,
      help: [
        'What you asked for did not work. The first sentence says why, the second what you can do about it.',
        'Nothing else has changed. The logs on the first screen say more.',
      ],
    },
    nav,
  )
}

/** What to do next after an error. */
export function hintOf(error: unknown): string {
  const hint = error instanceof DeskvisorError ? sanitize(error.hint) : ''
  return hint || 'The logs may say more.'
}
