import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent, type Line } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'
import { DIALOG_WIDTH, type Dialog, dialog } from '../widgets/dialog.ts'
import { moved } from '../widgets/scrolled.ts'

export type Question = {
  title: string
  /** What will happen, or what happened; the first paragraph stands out. */
  text: string[]
  choices: { label: string; act: () => void }[]
  /** The answer that is chosen already: the safe one. */
  selected?: number
  help: string[]
  warning?: boolean
  /** What Esc does; back to the screen before unless said otherwise. */
  onEscape?: () => void
  /** The chosen answer is given by itself after so many seconds, unless a key is pressed before. */
  countdown?: { seconds: number; text: (seconds: number) => string }
}

/** A question with answers to choose from, or a message with what can be done next. */
export class ChoiceView implements View {
  readonly title: string
  readonly help: string[]
  readonly #question: Question
  readonly #nav: Navigation
  #selected: number
  #left: number | null
  #timer: NodeJS.Timeout | undefined

  constructor(question: Question, nav: Navigation) {
    this.title = question.title
    this.help = question.help
    this.#question = question
    this.#nav = nav
    this.#selected = question.selected ?? 0
    this.#left = question.countdown?.seconds ?? null
  }

  keys() {
    const choose = { key: 'Up/Down', does: 'choose' }
    return [
      ...(this.#question.choices.length > 1 ? [choose] : []),
      { key: 'Enter', does: 'answer' },
      { key: 'Esc', does: 'back' },
      { key: '?', does: 'help' },
    ]
  }

  draw(size: Size): Body {
    const { text, choices, warning = false, countdown } = this.#question
    const waiting = countdown !== undefined && this.#left !== null ? [countdown.text(this.#left)] : []
    const answers = choices.map(({ label }) => label)
    return {
      lines: centred({ text: [...text, ...waiting], answers, selected: this.#selected, warning }, size),
    }
  }

  onKey(key: Key): void {
    this.#stopCounting()
    const { choices, onEscape } = this.#question
    if (key.name === 'escape') {
      if (onEscape === undefined) this.#nav.back()
      else onEscape()
      return
    }
    if (key.name === 'enter') {
      choices[this.#selected]?.act()
      return
    }
    const sideways: Record<string, Key> = { left: { name: 'up' }, right: { name: 'down' } }
    this.#selected = moved(sideways[key.name] ?? key, this.#selected, choices.length, 1) ?? this.#selected
    this.#nav.redraw()
  }

  shown(): void {
    if (this.#left !== null) this.#timer ??= setInterval(() => this.#count(), 1000)
  }

  gone(): void {
    clearInterval(this.#timer)
  }

  #count(): void {
    this.#left = (this.#left ?? 1) - 1
    if (this.#left > 0) {
      this.#nav.redraw()
      return
    }
    this.#stopCounting()
    this.#question.choices[this.#selected]?.act()
  }

  #stopCounting(): void {
    clearInterval(this.#timer)
    this.#left = null
  }
}

/** A dialog a little above the middle of the screen. */
export function centred(content: Dialog, { rows, columns }: Size): Line[] {
  const lines = dialog(content, columns, rows)
  const left = Math.max(0, Math.floor((columns - Math.min(columns, DIALOG_WIDTH)) / 2))
  const above = Math.max(0, Math.floor((rows - lines.length) / 3))
  return [...Array.from({ length: above }, () => []), ...lines.map((spans) => indent(left, spans))]
}
