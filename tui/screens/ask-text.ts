import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent, type Line, line, wrap } from '../terminal/text.ts'
import type { Body, Navigation, View } from '../view.ts'
import { DIALOG_WIDTH } from '../widgets/dialog.ts'
import { edited, textField } from '../widgets/text-field.ts'

export type TextQuestion = {
  title: string
  /** What is asked for; the first paragraph stands out. */
  text: string[]
  /** What stands there already. */
  value: string
  /** In characters. */
  longest: number
  /** True when an empty answer is one; otherwise Enter waits for text. */
  mayBeEmpty?: boolean
  onDone: (text: string) => void
}

/** Asks for a line of text: a name, a note. */
export class AskTextView implements View {
  readonly title: string
  readonly takesText = true
  readonly help = [
    'Type the text. Backspace deletes the last letter, Ctrl-C all of them.',
    'Enter keeps what you typed. Esc goes back and changes nothing.',
  ]
  readonly #question: TextQuestion
  readonly #nav: Navigation
  #value: string

  constructor(question: TextQuestion, nav: Navigation) {
    this.title = question.title
    this.#question = question
    this.#nav = nav
    this.#value = [...question.value].slice(0, question.longest).join('')
  }

  keys() {
    return [
      { key: 'Enter', does: 'keep' },
      { key: 'Esc', does: 'back, change nothing' },
      { key: 'F1', does: 'help' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const width = Math.max(1, Math.min(columns - 2, DIALOG_WIDTH))
    const left = Math.floor((columns - width) / 2)
    const text = this.#question.text.flatMap((paragraph, index): Line[] =>
      wrap(paragraph, width).map((row) => line(row, index === 0 ? 'strong' : 'plain')),
    )
    const field = textField(this.#value, width)
    const above = rows > text.length + 6 ? [[], []] : []
    const lines: Line[] = [...above, ...text.slice(0, Math.max(0, rows - 3)), [], field]
    return { lines: lines.map((spans) => indent(left, spans)) }
  }

  onKey(key: Key): void {
    const { onDone, longest, mayBeEmpty = false } = this.#question
    if (key.name === 'escape') {
      this.#nav.back()
      return
    }
    if (key.name === 'enter') {
      const value = this.#value.trim()
      if (value !== '' || mayBeEmpty) onDone(value)
      return
    }
    this.#value = key.name === 'ctrl-c' ? '' : (edited(this.#value, key, longest) ?? this.#value)
    this.#nav.redraw()
  }
}
