import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import type { Body, Navigation, View } from '../view.ts'
import { centred } from './choice.ts'

/** Says that something is under way; the machine closes the menu when it gets there. */
export class ProgressView implements View {
  readonly title: string
  readonly help = [
    'Deskvisor is doing what you asked for. You need not do anything.',
    'If nothing happens for a minute, press Esc to go back to the menu; the request itself is not taken back.',
  ]
  readonly #text: string[]
  readonly #nav: Navigation

  constructor(title: string, text: string[], nav: Navigation) {
    this.title = title
    this.#text = text
    this.#nav = nav
  }

  keys() {
    return [
      { key: 'Esc', does: 'back to the menu' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    return { lines: centred({ text: this.#text, answers: [], selected: 0 }, size) }
  }

  onKey(key: Key): void {
    if (key.name === 'escape') this.#nav.home()
  }
}
