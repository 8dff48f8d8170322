import { DeskvisorError, sentenceOf } from '../../orchestrator/api/contract.ts'
import { hintOf } from '../hints.ts'
import type { Question } from '../person.ts'
import { spoken } from '../spoken.ts'

/** Something did not work: one sentence, what to do next, and the way back. */
export function errorMessage(error: unknown, back: string): Question<null> {
  return {
    title: isDone(error) ? 'The desktop did not start' : 'That did not work',
    text: [spoken(sentenceOf(error)) || 'Something did not work.', hintOf(error)],
    answers: [{ label: back, value: null }],
    warning: true,
    help: [
      isDone(error)
        ? 'What you asked for is done; only the desktop did not start again.'
        : 'What you asked for did not work.',
      'The first sentence says why, the second what you can do about it. The logs on the first screen say more.',
    ],
  }
}

/** The desktop was shut down for work that succeeded, and only its start failed. */
function isDone(error: unknown): boolean {
  return error instanceof DeskvisorError && error.code === 'desktop-not-started'
}
