import type { Command, List, ListContext, ListItem } from '../person.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../terminal/text.ts'
import { type Motion, moved, scrolledTo } from '../widgets/scrolled.ts'
import type { Body, View } from './view.ts'

/** A list of things to choose from, with a few words about the chosen one below it. */
export class ListView implements View {
  readonly browses = true
  readonly #context: ListContext<List>
  #list: List
  #selected = 0
  #top = 0
  #page = 1
  #fresh = true
  /** What a key did, until the next one. */
  #news = ''

  constructor(context: ListContext<List>) {
    this.#context = context
    this.#list = context.list
  }

  get title(): string {
    return this.#list.title
  }

  get help(): string[] {
    return this.#list.help
  }

  keys() {
    return [
      { key: 'Up/Down', does: 'choose' },
      { key: 'Enter', does: 'open' },
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
      ...this.#commands(),
    ]
  }

  draw({ rows, columns }: Size): Body {
    const { headline, items } = this.#list
    const margin = columns >= 60 ? 2 : 1
    const width = Math.max(1, Math.min(columns - 2 * margin, 100))
    const gap: Line[] = rows >= 18 ? [line('')] : []
    const head = wrap(this.#news || headline, width, 2).map((row) => line(row, 'strong'))
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

  move(motion: Motion): void {
    this.#news = ''
    this.#selected = moved(motion, this.#selected, this.#list.items.length - 1, this.#page)
  }

  leave(): void {
    this.#context.leave()
  }

  onKey(key: Key): void {
    this.#news = ''
    const item = this.#list.items[this.#selected]
    if (key.name === 'enter' && item !== undefined) this.#context.open(item.open)
    if (key.name !== 'char') return
    useCommand(this.#commands(), key.char, this.#context, async (news) => {
      await this.#reload()
      this.#news = news
    })
  }

  shown(): void {
    if (this.#fresh) this.#fresh = false
    else void this.#reload()
  }

  #commands(): Command[] {
    return [...(this.#list.commands ?? []), ...(this.#list.items[this.#selected]?.commands ?? [])]
  }

  /** Makes the list again; what was there stays when that fails. */
  async #reload(): Promise<void> {
    const id = this.#list.items[this.#selected]?.id
    const list = await this.#context.load().catch(() => null)
    if (list === null) return
    this.#list = list
    const place = list.items.findIndex((item) => item.id === id)
    this.#selected = place >= 0 ? place : Math.max(0, Math.min(this.#selected, list.items.length - 1))
    this.#context.redraw()
  }
}

/** Carries out the command of a letter; `done` hears of what was done at once. Letters without a meaning do nothing. */
export function useCommand(
  commands: Command[],
  letter: string,
  { open, attempt, redraw }: Pick<ListContext<List>, 'open' | 'attempt' | 'redraw'>,
  done: (news: string) => Promise<void>,
): void {
  const command = commands.find(({ key }) => key === letter)
  if (command === undefined) return
  if ('open' in command) open(command.open)
  else void attempt(command.act).then(done).then(redraw)
}

function itemRow({ label, mark = '' }: ListItem, selected: boolean, width: number): Line {
  const room = width - (mark === '' ? 2 : mark.length + 4)
  const text = ` ${clip(label, room).padEnd(room)}${mark === '' ? '' : `  ${mark}`} `
  return line(clip(text, width), selected ? 'selected' : 'plain')
}
