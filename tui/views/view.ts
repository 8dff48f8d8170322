import type { Scroll } from '../terminal/canvas.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import type { Line } from '../terminal/text.ts'
import type { KeyHint } from '../widgets/key-bar.ts'
import type { Motion } from '../widgets/scrolled.ts'

/** What a screen shows between the title bar and the key bar. */
export type Body = { lines: Line[]; scroll?: Scroll }

/** One screen of the menu. It draws into the cells it is given and is drawn again after each key that it was given (views/press.ts). */
export type View = {
  readonly title: string
  /** For the key bar, most important first. */
  keys(): KeyHint[]
  /** For the help screen: what this screen is for, then more, a paragraph each. */
  readonly help: string[]
  /** True while typed characters are text, so that `?` and digits are not commands. */
  readonly takesText?: boolean
  /** A list or a text to look around in: q leaves it as well, and Space pages. */
  readonly browses?: true
  draw(size: Size): Body
  /** A key was pressed, whatever it does: what counts down stops. */
  touched?(): void
  /** Moves the bar, or the page where there is no bar. */
  move?(motion: Motion): void
  /** Closes what Esc closes first, a filter for example; false when there is nothing. */
  closeInside?(): boolean
  /** The person leaves it. */
  leave?(): void
  /** Every key that has no meaning of its own on all screens. */
  onKey?(key: Key): void
  /** It is on top now, for the first time or because what covered it was closed. */
  shown?(): void
  /** It was closed and will not be drawn again. */
  gone?(): void
}
