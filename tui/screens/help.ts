import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent, type Line, line, wrap } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'

/** What the screen below is for, and its keys. */
export class HelpView implements View {
  readonly title = 'Help'
  readonly help = [
    'This screen explains the one you came from: what it is for, and which keys work there.',
    'Up and Down scroll when the text is longer than the screen.',
  ]
  readonly #about: View
  readonly #nav: Navigation
  #top = 0

  constructor(about: View, nav: Navigation) {
    this.#about = about
    this.#nav = nav
  }

  keys() {
    return [
      { key: 'Esc', does: 'back' },
      { key: 'Up/Down', does: 'scroll' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const lines = this.#lines(Math.max(1, Math.min(columns - 4, 76)))
    this.#top = Math.max(0, Math.min(this.#top, lines.length - rows))
    return { lines: lines.slice(this.#top, this.#top + rows).map((spans) => indent(2, spans)) }
  }

  onKey(key: Key): void {
    if (key.name === 'up') this.#top = Math.max(0, this.#top - 1)
    else if (key.name === 'down') this.#top++
    else if (key.name === 'escape' || key.name === 'enter') {
      this.#nav.back()
      return
    } else if (key.name === 'char' && key.char === 'q') {
      this.#nav.back()
      return
    } else return
    this.#nav.redraw()
  }

  #lines(width: number): Line[] {
    const purpose = this.#about.help.flatMap((paragraph) => [
      line(''),
      ...wrap(paragraph, width).map((row) => line(row)),
    ])
    const keys = [...this.#about.keys(), ...EVERYWHERE].filter(
      ({ key }, index, all) => all.findIndex((other) => other.key === key) === index,
    )
    const table = keys.map(
      ({ key, does }): Line => [
        { text: key.padEnd(14), style: 'strong' },
        { text: does, style: 'plain' },
      ],
    )
    return [...purpose, line(''), line('Keys', 'label'), ...table]
  }
}

const EVERYWHERE = [
  { key: '?', does: 'help' },
  { key: 'F1', does: 'help, also while you type' },
  { key: 'Ctrl-L', does: 'draw the screen again' },
]
