import type { Question } from '../person.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent, type Line } from '../terminal/text.ts'
import { DIALOG_WIDTH, type Dialog, dialog } from '../widgets/dialog.ts'
import { type Motion, moved } from '../widgets/scrolled.ts'
import type { Body, View } from './view.ts'

/** Called once, with the answer. */
type Done<T> = (answer: T | null) => void

/** A question with answers to choose from, or a message with what can be done next. */
export class ChoiceView<T> implements View {
  readonly title: string
  readonly help: string[]
  readonly #question: Question<T>
  readonly #done: Done<T>
  readonly #redraw: () => void
  #selected: number
  #left: number | null
  #timer: NodeJS.Timeout | undefined

  constructor(question: Question<T>, done: Done<T>, redraw: () => void) {
    this.title = question.title
    this.help = question.help
    this.#question = question
    this.#done = done
    this.#redraw = redraw
    this.#selected = question.selected ?? 0
    this.#left = question.countdown?.seconds ?? null
  }

  keys() {
    const choose = { key: 'Up/Down', does: 'choose' }
    return [
      ...(this.#question.answers.length > 1 ? [choose] : []),
      { key: 'Enter', does: 'answer' },
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    const { text, answers, warning = false, countdown } = this.#question
    const waiting = countdown !== undefined && this.#left !== null ? [countdown.text(this.#left)] : []
    const labels = answers.map(({ label }) => label)
    const content = { text: [...text, ...waiting], answers: labels, selected: this.#selected, warning }
    return { lines: centred(content, size) }
  }

  touched(): void {
    clearInterval(this.#timer)
    this.#left = null
  }

  move(motion: Motion): void {
    this.#selected = moved(motion, this.#selected, this.#question.answers.length - 1, 1)
  }

  leave(): void {
    this.#done(null)
  }

  onKey(key: Key): void {
    if (key.name === 'left') this.move('up')
    else if (key.name === 'right') this.move('down')
    else if (key.name === 'enter') this.#answer()
  }

  shown(): void {
    if (this.#left !== null) this.#timer ??= setInterval(() => this.#count(), 1000)
  }

  gone(): void {
    clearInterval(this.#timer)
  }

  #answer(): void {
    this.#done(this.#question.answers[this.#selected]?.value ?? null)
  }

  #count(): void {
    this.#left = (this.#left ?? 1) - 1
    if (this.#left > 0) {
      this.#redraw()
      return
    }
    this.touched()
    this.#answer()
  }
}

/** A dialog a little above the middle of the screen. */
export function centred(content: Dialog, { rows, columns }: Size): Line[] {
  const lines = dialog(content, columns, rows)
  const left = Math.max(0, Math.floor((columns - Math.min(columns, DIALOG_WIDTH)) / 2))
  const above = Math.max(0, Math.floor((rows - lines.length) / 3))
  return [...Array.from({ length: above }, () => []), ...lines.map((spans) => indent(left, spans))]
}
