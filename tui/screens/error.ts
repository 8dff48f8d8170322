import { DeskvisorError } from '../../orchestrator/api/index.ts'
import { hintOf } from '../hints.ts'
import { spokenError } from '../spoken.ts'
import type { Navigation } from '../view.ts'
import { ChoiceView } from './choice.ts'

/** Something did not work: one sentence, what to do next, and the way back, which is the first screen unless said otherwise. */
export function errorView(error: unknown, nav: Navigation, leave?: () => void): ChoiceView {
  const act = leave ?? (() => nav.home())
  return new ChoiceView(
    {
      title: isDone(error) ? 'The desktop did not start' : 'That did not work',
      text: [spokenError(error) || 'Something did not work.', hintOf(error)],
      choices: [{ label: leave === undefined ? 'Back to the menu' : 'Back', act }],
      onEscape: act,
      warning: true,
      help: [
        isDone(error)
          ? 'What you asked for is done; only the desktop did not start again.'
          : 'What you asked for did not work.',
        'The first sentence says why, the second what you can do about it. The logs on the first screen say more.',
      ],
    },
    nav,
  )
}

/** The desktop was shut down for work that succeeded, and only its start failed. */
function isDone(error: unknown): boolean {
  return error instanceof DeskvisorError && error.code === 'desktop-not-started'
}
