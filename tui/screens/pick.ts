import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'
import { moved, scrolledTo } from '../widgets/scrolled.ts'

export type PickItem = {
  /** Stays the same while the item does, so that the bar stays on it. */
  id: string
  label: string
  /** A word or two at the right end of the row. */
  mark?: string
  /** What it is, or what will happen; a paragraph each. */
  about: string[]
  act: () => void
}

export type Pick = {
  title: string
  headline: string
  items: PickItem[]
  help: string[]
  /** Letters that do more here. */
  letters?: { key: string; does: string; act: () => void }[]
}

/** A list of things to choose from, with a few words about the chosen one below it. */
export class PickView implements View {
  readonly #load: () => Promise<Pick>
  readonly #nav: Navigation
  #pick: Pick
  #selected = 0
  #top = 0
  #page = 1
  #fresh = true

  /** `load` makes the list again, each time it is seen again. */
  constructor(pick: Pick, load: () => Promise<Pick>, nav: Navigation) {
    this.#pick = pick
    this.#load = load
    this.#nav = nav
  }

  get title(): string {
    return this.#pick.title
  }

  get help(): string[] {
    return this.#pick.help
  }

  keys() {
    return [
      { key: 'Up/Down', does: 'choose' },
      { key: 'Enter', does: 'open' },
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
      ...(this.#pick.letters ?? []),
    ]
  }

  draw({ rows, columns }: Size): Body {
    const { headline, items } = this.#pick
    const margin = columns >= 60 ? 2 : 1
    const width = Math.max(1, Math.min(columns - 2 * margin, 100))
    const gap: Line[] = rows >= 18 ? [line('')] : []
    const head = wrap(headline, width, 2).map((row) => line(row, 'strong'))
    const about = (items[this.#selected]?.about ?? [])
      .filter((text) => text !== '')
      .flatMap((text) => wrap(text, width, 4).map((row) => line(row)))
    const aboutRows = Math.min(about.length, Math.max(1, Math.floor(rows / 3)))
    this.#page = Math.max(1, rows - head.length - 2 * gap.length - aboutRows - 1)
    this.#top = scrolledTo(this.#top, this.#selected, this.#page, items.length)
    const list = items
      .slice(this.#top, this.#top + this.#page)
      .map((item, offset) => itemRow(item, this.#top + offset === this.#selected, width))
    const below = Math.max(0, items.length - this.#top - this.#page)
    const more = line(below > 0 ? `   (${below} more below)` : '', 'label')
    const lines = [...gap, ...head, ...gap, ...list, more, ...about.slice(0, aboutRows)]
    return { lines: lines.slice(0, rows).map((spans) => indent(margin, spans)) }
  }

  onKey(key: Key): void {
    const { items, letters = [] } = this.#pick
    const place = moved(key, this.#selected, items.length, this.#page)
    if (place !== null) {
      this.#selected = Math.max(0, place)
      this.#nav.redraw()
    } else if (key.name === 'escape') this.#nav.back()
    else if (key.name === 'enter') items[this.#selected]?.act()
    else if (key.name === 'char') {
      const letter = letters.find((each) => each.key === key.char)
      if (letter !== undefined) letter.act()
      else if (key.char === 'q') this.#nav.back()
    }
  }

  shown(): void {
    if (this.#fresh) this.#fresh = false
    else void this.reload()
  }

  /** Makes the list again; what was there stays when that fails. */
  async reload(): Promise<void> {
    const id = this.#pick.items[this.#selected]?.id
    const pick = await this.#load().catch(() => null)
    if (pick === null) return
    this.#pick = pick
    const place = pick.items.findIndex((item) => item.id === id)
    this.#selected = place >= 0 ? place : Math.max(0, Math.min(this.#selected, pick.items.length - 1))
    this.#nav.redraw()
  }
}

function itemRow({ label, mark = '' }: PickItem, selected: boolean, width: number): Line {
  const room = width - (mark === '' ? 2 : mark.length + 4)
  const text = ` ${clip(label, room).padEnd(room)}${mark === '' ? '' : `  ${mark}`} `
  return line(clip(text, width), selected ? 'selected' : 'plain')
}

/** Makes the list and its screen. */
export async function pickView(load: () => Promise<Pick>, nav: Navigation): Promise<PickView> {
  return new PickView(await load(), load, nav)
}
