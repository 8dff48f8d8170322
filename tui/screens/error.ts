import { DeskvisorError, sentenceOf } from '../../orchestrator/api/contract.ts'
import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Size } from '../terminal/size.ts'
import type { Body, Navigation, View } from '../view.ts'
import { centred } from './confirm.ts'

/** Something did not work: one sentence, what to do next, and the way back. */
export class ErrorView implements View {
  readonly title = 'That did not work'
  readonly help = [
    'What you asked for did not work. The first sentence says why, the second what you can do about it.',
    'Nothing else has changed. The logs on the first screen say more.',
  ]
  readonly #text: string[]
  readonly #nav: Navigation

  constructor(error: unknown, nav: Navigation) {
    this.#text = [sanitize(sentenceOf(error)) || 'Something did not work.', hintOf(error)]
    this.#nav = nav
  }

  keys() {
    return [
      { key: 'Enter', does: 'back' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    return {
      lines: centred({ text: this.#text, answers: ['Back to the menu'], selected: 0, warning: true }, size),
    }
  }

  onKey(key: Key): void {
    if (key.name === 'enter' || key.name === 'escape') this.#nav.home()
  }
}

/** What to do next after an error. */
export function hintOf(error: unknown): string {
  const hint = error instanceof DeskvisorError ? sanitize(error.hint) : ''
  return hint || 'The logs may say more.'
}
