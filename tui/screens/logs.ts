import { type RecoveryApi, sentenceOf } from '../../orchestrator/api/index.ts'
import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Size } from '../terminal/size.ts'
import { clip, line } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'
import { lastTop, pager, pageTo } from '../widgets/pager.ts'

const LINES = 1000
/** Cells that Left and Right move a long line by. */
const SIDEWAYS = 20

/** The newest messages of the machine, newest at the bottom, with a filter. */
export class LogsView implements View {
  readonly title = 'Logs'
  readonly help = [
    'These are the newest messages of this computer, the newest at the bottom. They say what happened before the menu came.',
    'Press / and type a word to see only the lines that contain it; Enter keeps the filter, Esc removes it.',
  ]
  readonly #api: RecoveryApi
  readonly #nav: Navigation
  #all: string[] = []
  #shown: string[] = []
  #note = 'Reading the messages...'
  #filter = ''
  #typing = false
  #top = 0
  #left = 0
  #rows = 1
  #drawn: { top: number; lines: string[]; rows: number; left: number } | undefined

  constructor(api: RecoveryApi, nav: Navigation) {
    this.#api = api
    this.#nav = nav
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
    const lines = this.#shown.map((text) => text.slice(this.#left))
    const drawn = this.#drawn
    this.#drawn = { top: this.#top, lines: this.#shown, rows: pageRows, left: this.#left }
    const head = line(clip(` ${this.#headline()}`, columns), 'label')
    const body: Body = { lines: [head, ...pager(lines, this.#top, columns, pageRows)] }
    if (drawn?.lines === this.#shown && drawn.rows === pageRows && drawn.left === this.#left) {
      const by = this.#top - drawn.top
      if (by !== 0 && Math.abs(by) < pageRows) body.scroll = { top: 1, bottom: pageRows, by }
    }
    return body
  }

  onKey(key: Key): void {
    if (this.#typing) {
      this.#type(key)
      return
    }
    const top = pageTo(key, this.#top, this.#shown.length, this.#rows)
    if (top !== null) this.#top = top
    else if (key.name === 'escape') {
      if (this.#filter === '') {
        this.#nav.back()
        return
      }
      this.#setFilter('')
    } else if (key.name === 'left') this.#left = Math.max(0, this.#left - SIDEWAYS)
    else if (key.name === 'right') this.#left = Math.min(400, this.#left + SIDEWAYS)
    else if (key.name === 'char' && key.char === 'q') {
      this.#nav.back()
      return
    } else if (key.name === 'char' && key.char === '/') this.#typing = true
    else if (key.name === 'char' && key.char === 'r') void this.#load()
    else if (key.name === 'char' && key.char === ' ') {
      this.onKey({ name: 'pagedown' })
      return
    } else return
    this.#nav.redraw()
  }

  #type(key: Key): void {
    if (key.name === 'enter') this.#typing = false
    else if (key.name === 'escape') {
      this.#typing = false
      this.#setFilter('')
    } else if (key.name === 'backspace') this.#setFilter(this.#filter.slice(0, -1))
    else if (key.name === 'char') this.#setFilter((this.#filter + sanitize(key.char)).slice(0, 40))
    this.#nav.redraw()
  }

  #headline(): string {
    if (this.#typing) return `Only lines with: ${this.#filter}_`
    if (this.#note !== '') return this.#note
    const count = this.#shown.length
    const filter = this.#filter === '' ? '' : `, only those with "${this.#filter}"`
    const last = Math.min(count, this.#top + this.#rows)
    // The count on the left does not move, so that scrolling sends only the digits that changed.
    return count === 0 ? `No messages${filter}` : `${count} messages${filter}, up to number ${last}`
  }

  #setFilter(filter: string): void {
    this.#filter = filter
    const wanted = filter.toLowerCase()
    this.#shown = wanted === '' ? this.#all : this.#all.filter((text) => text.toLowerCase().includes(wanted))
    this.#top = this.#shown.length
  }

  async #load(): Promise<void> {
    try {
      const lines = await this.#api.logs(LINES)
      this.#all = lines.map((text) => sanitize(text))
      this.#note = ''
      this.#setFilter(this.#filter)
    } catch (error) {
      this.#note = sanitize(`The messages cannot be read: ${sentenceOf(error)}`)
    }
    this.#nav.redraw()
  }
}
