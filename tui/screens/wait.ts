import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import type { Body, Navigation, View } from '../view.ts'
import { centred } from './choice.ts'

/** Stands where a screen will be as soon as it is ready. Keys are not for what nobody has seen yet, so only Esc acts. */
export class WaitView implements View {
  readonly title: string
  readonly help = ['Deskvisor is looking something up. Esc goes back; nothing is changed by that.']
  readonly #text: string
  readonly #nav: Navigation

  constructor(title: string, text: string, nav: Navigation) {
    this.title = title
    this.#text = text
    this.#nav = nav
  }

  keys() {
    return [
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    return { lines: centred({ text: [this.#text], answers: [], selected: 0 }, size) }
  }

  onKey(key: Key): void {
    if (key.name === 'escape') this.#nav.back()
  }
}
