import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'
import { dialog } from '../widgets/dialog.ts'

export type Question = { title: string; text: string[]; no: string; yes: string; onYes: () => void }

/** Asks before something happens that cannot be taken back; "no" is chosen already. */
export class ConfirmView implements View {
  readonly title: string
  readonly help = [
    'This screen asks before the computer restarts or switches off.',
    'The safe answer is chosen already: Enter or Esc takes you back and nothing happens.',
  ]
  readonly #question: Question
  readonly #nav: Navigation
  #selected = 0

  constructor(question: Question, nav: Navigation) {
    this.title = question.title
    this.#question = question
    this.#nav = nav
  }

  keys() {
    return [
      { key: 'Up/Down', does: 'choose' },
      { key: 'Enter', does: 'answer' },
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    const { text, no, yes } = this.#question
    return { lines: centred({ text, answers: [no, yes], selected: this.#selected }, size) }
  }

  onKey(key: Key): void {
    if (key.name === 'escape') {
      this.#nav.back()
      return
    }
    if (key.name === 'enter') {
      if (this.#selected === 1) this.#question.onYes()
      else this.#nav.back()
      return
    }
    if (['up', 'left', 'home'].includes(key.name)) this.#selected = 0
    else if (['down', 'right', 'end'].includes(key.name)) this.#selected = 1
    else if (['tab', 'backtab'].includes(key.name)) this.#selected = 1 - this.#selected
    else return
    this.#nav.redraw()
  }
}

/** A dialog a little above the middle of the screen. */
export function centred(content: Parameters<typeof dialog>[0], { rows, columns }: Size) {
  const lines = dialog(content, columns, rows)
  const left = Math.max(0, Math.floor((columns - Math.min(columns, 66)) / 2))
  const above = Math.max(0, Math.floor((rows - lines.length) / 3))
  return [...Array.from({ length: above }, () => []), ...lines.map((spans) => indent(left, spans))]
}
