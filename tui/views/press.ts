import type { Key } from '../terminal/keys.ts'
import { type Motion, motionOf } from '../widgets/scrolled.ts'
import type { View } from './view.ts'

/** Gives a key to a screen. What Esc, q and the keys that move a bar or a page do is decided here for all of them. */
export function press(view: View, key: Key): void {
  const types = view.takesText === true
  const letter = key.name === 'char' && !types && view.browses === true ? key.char : ''
  const motion: Motion | null = letter === ' ' ? 'pagedown' : motionOf(key)
  if (key.name === 'escape' || letter === 'q') {
    if (view.closeInside?.() !== true) view.leave?.()
  } else if (motion !== null && view.move !== undefined) view.move(motion)
  else view.onKey?.(key)
}
