import type { Page } from '../person.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent } from '../terminal/text.ts'
import { lastTop, type Motion, moved } from '../widgets/scrolled.ts'
import type { Body, View } from './view.ts'

/** A text that is longer than the screen, perhaps. */
export class PageView implements View {
  readonly title: string
  readonly help: string[]
  readonly browses = true
  readonly leave: () => void
  readonly #draw: Page['draw']
  #top = 0
  #last = 0
  #rows = 1

  constructor({ title, help, draw }: Omit<Page, 'sentences'>, leave: () => void) {
    this.title = title
    this.help = help
    this.leave = leave
    this.#draw = draw
  }

  keys() {
    return [
      { key: 'Esc', does: 'back' },
      { key: 'Up/Down', does: 'scroll' },
      { key: '?', does: 'help' },
      { key: 'PgUp/PgDn', does: 'page' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const margin = columns >= 60 ? 2 : 1
    const lines = this.#draw(Math.max(1, Math.min(columns - 2 * margin, 100)))
    this.#rows = rows
    this.#last = lastTop(lines.length, rows)
    this.#top = Math.min(this.#top, this.#last)
    return { lines: lines.slice(this.#top, this.#top + rows).map((spans) => indent(margin, spans)) }
  }

  move(motion: Motion): void {
    this.#top = moved(motion, this.#top, this.#last, this.#rows)
  }

  onKey(key: Key): void {
    if (key.name === 'enter') this.leave()
  }
}
