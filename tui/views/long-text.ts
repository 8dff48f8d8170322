import type { LongText } from '../person.ts'
import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Size } from '../terminal/size.ts'
import { clip, line } from '../terminal/text.ts'
import { lastTop, type Motion, moved } from '../widgets/scrolled.ts'
import { edited } from '../widgets/text-field.ts'
import type { Body, View } from './view.ts'

/** Cells that Left and Right move a long line by. */
const SIDEWAYS = 20
/** In characters. */
const LONGEST_FILTER = 40

/** Many lines of text, the newest at the bottom, with a filter. */
export class LongTextView implements View {
  readonly title: string
  readonly help: string[]
  readonly browses = true
  readonly leave: () => void
  readonly #text: LongText
  readonly #redraw: () => void
  #all: string[] = []
  #shown: string[] = []
  #note: string
  #filter = ''
  #typing = false
  #top = 0
  #left = 0
  #rows = 1
  #drawn: { top: number; lines: string[]; rows: number; left: number } | undefined

  constructor(text: LongText, leave: () => void, redraw: () => void) {
    this.title = text.title
    this.help = text.help
    this.leave = leave
    this.#text = text
    this.#redraw = redraw
    this.#note = `Reading the ${text.noun}...`
    void this.#load()
  }

  get takesText(): boolean {
    return this.#typing
  }

  keys() {
    if (this.#typing) {
      return [
        { key: 'Enter', does: 'keep filter' },
        { key: 'Esc', does: 'no filter' },
      ]
    }
    return [
      { key: 'Esc', does: 'back' },
      { key: 'Up/Down', does: 'scroll' },
      { key: '/', does: 'filter' },
      { key: '?', does: 'help' },
      { key: 'PgUp/PgDn', does: 'page' },
      { key: 'r', does: 'read again' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const pageRows = Math.max(1, rows - 1)
    // Stay at the newest line when the room shrinks or grows around it.
    if (this.#rows !== pageRows && this.#top === lastTop(this.#shown.length, this.#rows))
      this.#top = this.#shown.length
    this.#rows = pageRows
    this.#top = Math.min(this.#top, lastTop(this.#shown.length, pageRows))
    const drawn = this.#drawn
    this.#drawn = { top: this.#top, lines: this.#shown, rows: pageRows, left: this.#left }
    const head = line(clip(` ${this.#headline()}`, columns), 'label')
    const page = this.#shown
      .slice(this.#top, this.#top + pageRows)
      .map((text) => line(clip(text.slice(this.#left), columns)))
    const body: Body = { lines: [head, ...page] }
    if (drawn?.lines === this.#shown && drawn.rows === pageRows && drawn.left === this.#left) {
      const by = this.#top - drawn.top
      if (by !== 0 && Math.abs(by) < pageRows) body.scroll = { top: 1, bottom: pageRows, by }
    }
    return body
  }

  move(motion: Motion): void {
    this.#top = moved(motion, this.#top, lastTop(this.#shown.length, this.#rows), this.#rows)
  }

  closeInside(): boolean {
    if (!this.#typing && this.#filter === '') return false
    this.#typing = false
    this.#setFilter('')
    return true
  }

  onKey(key: Key): void {
    if (this.#typing) {
      if (key.name === 'enter') this.#typing = false
      const filter = edited(this.#filter, key, LONGEST_FILTER)
      if (filter !== null) this.#setFilter(sanitize(filter))
    } else if (key.name === 'left') this.#left = Math.max(0, this.#left - SIDEWAYS)
    else if (key.name === 'right') this.#left = Math.min(400, this.#left + SIDEWAYS)
    else if (key.name === 'char' && key.char === '/') this.#typing = true
    else if (key.name === 'char' && key.char === 'r') void this.#load()
  }

  #headline(): string {
    if (this.#typing) return `Only lines with: ${this.#filter}_`
    if (this.#note !== '') return this.#note
    const count = this.#shown.length
    const { noun } = this.#text
    const filter = this.#filter === '' ? '' : `, only those with "${this.#filter}"`
    const last = Math.min(count, this.#top + this.#rows)
    // The count on the left does not move, so that scrolling sends only the digits that changed.
    return count === 0 ? `No ${noun}${filter}` : `${count} ${noun}${filter}, up to number ${last}`
  }

  #setFilter(filter: string): void {
    this.#filter = filter
    this.#shown = linesWith(this.#all, filter)
    this.#top = this.#shown.length
  }

  async #load(): Promise<void> {
    try {
      this.#all = await this.#text.load()
      this.#note = ''
      this.#setFilter(this.#filter)
    } catch (error) {
      this.#note = this.#text.failed(error)
    }
    this.#redraw()
  }
}

/** The lines that contain a text, whatever its capitals. */
export function linesWith(lines: string[], text: string): string[] {
  const wanted = text.toLowerCase()
  return wanted === '' ? lines : lines.filter((each) => each.toLowerCase().includes(wanted))
}
