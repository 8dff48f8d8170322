import type { Scroll } from './terminal/canvas.ts'
import type { Key } from './terminal/keys.ts'
import type { Size } from './terminal/size.ts'
import type { Line } from './terminal/text.ts'
import type { KeyHint } from './widgets/key-bar.ts'

/** What a screen shows between the title bar and the key bar. */
export type Body = { lines: Line[]; scroll?: Scroll }

/** One screen of the menu. It draws into the cells it is given and reacts to keys; the app does everything else. */
export type View = {
  readonly title: string
  /** For the key bar, most important first. */
  keys(): KeyHint[]
  /** For the help screen: what this screen is for, then more, a paragraph each. */
  readonly help: string[]
  /** True while typed characters are text, so that `?` and digits are not commands. */
  readonly takesText?: boolean
  draw(size: Size): Body
  onKey(key: Key): void
  /** It is on top now, for the first time or because what covered it was closed. */
  shown?(): void
  /** It was closed and will not be drawn again. */
  gone?(): void
}

/** What a screen may ask of the app that shows it. */
export type Navigation = {
  open(view: View): void
  /** Shows `view` in place of `old` and of whatever covers it; false when the person has left `old` meanwhile. */
  replace(old: View, view: View): boolean
  /** Shows `view` on top of the first screen: now when nothing else is open, else as soon as that is so. */
  openAtHome(view: View): void
  /** Back to the screen before this one. */
  back(): void
  /** Back to the first screen. */
  home(): void
  /** Something changed: draw again. */
  redraw(): void
}
