import type { Size } from '../terminal/size.ts'
import { centred } from './choice.ts'
import type { Body, View } from './view.ts'

type Shown = { title: string; text: string[]; help: string[]; leaving: string }

/** Stands where a screen will be as soon as it is ready. Keys are not for what nobody has seen yet, so only Esc acts. */
export class WaitView implements View {
  readonly title: string
  readonly help: string[]
  readonly leave: () => void
  readonly #shown: Shown

  /** `leaving` says where Esc leads. */
  constructor(shown: Shown, leave: () => void) {
    this.title = shown.title
    this.help = shown.help
    this.leave = leave
    this.#shown = shown
  }

  keys() {
    return [
      { key: 'Esc', does: this.#shown.leaving },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    return { lines: centred({ text: this.#shown.text, answers: [], selected: 0 }, size) }
  }
}
