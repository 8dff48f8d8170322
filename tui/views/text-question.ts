import type { TextQuestion } from '../person.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { indent, type Line, line, wrap } from '../terminal/text.ts'
import { DIALOG_WIDTH } from '../widgets/dialog.ts'
import { edited, textField } from '../widgets/text-field.ts'
import type { Body, View } from './view.ts'

/** Asks for a line of text: a name, a note. */
export class TextQuestionView implements View {
  readonly title: string
  readonly takesText = true
  readonly help = [
    'Type the text. Backspace deletes the last letter, Ctrl-C all of them.',
    'Enter keeps what you typed. Esc goes back and changes nothing.',
  ]
  readonly #question: TextQuestion
  readonly #done: (text: string | null) => void
  #value: string

  constructor(question: TextQuestion, done: (text: string | null) => void) {
    this.title = question.title
    this.#question = question
    this.#done = done
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

  leave(): void {
    this.#done(null)
  }

  onKey(key: Key): void {
    const { longest, empty } = this.#question
    if (key.name === 'enter') {
      const value = this.#value.trim()
      if (value !== '' || empty !== undefined) this.#done(value)
    } else if (key.name === 'ctrl-c') this.#value = ''
    else this.#value = edited(this.#value, key, longest) ?? this.#value
  }
}
