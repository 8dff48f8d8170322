import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { type Line, line } from '../terminal/text.ts'

/** The text after a key that types or deletes at its end, or null when the key does neither. `longest` in characters. */
export function edited(text: string, key: Key, longest: number): string | null {
  if (key.name === 'backspace' || key.name === 'delete') return [...text].slice(0, -1).join('')
  return key.name === 'char' ? [...text, key.char].slice(0, longest).join('') : null
}

/** A text that is being typed, its end in view, in a row of `width` cells. */
export function textField(text: string, width: number): Line {
  const shown = `${sanitize(text)}_`
  return line(` ${shown.slice(-Math.max(1, width - 2))}`.padEnd(width), 'selected')
}
