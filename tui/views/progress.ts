import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../terminal/text.ts'
import { DIALOG_WIDTH } from '../widgets/dialog.ts'
import { progressBar } from '../widgets/progress-bar.ts'
import type { Body, View } from './view.ts'

/** How far long work is: a sentence, a share from 0 to 1 or null when nobody knows, and when it began (milliseconds since 1970). */
export type Progress = { now: string; share: number | null; since: number }

type Shown = { title: string; text: string; help: string[]; progress: () => Progress }

/** Long work and how far it is. Whoever wants to leave it is asked something by `leave`. */
export class ProgressView implements View {
  readonly title: string
  readonly help: string[]
  readonly leave: () => void
  readonly #shown: Shown
  readonly #redraw: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(shown: Shown, leave: () => void, redraw: () => void) {
    this.title = shown.title
    this.help = shown.help
    this.leave = leave
    this.#shown = shown
    this.#redraw = redraw
  }

  keys() {
    return [
      { key: 'Esc', does: 'stop' },
      { key: '?', does: 'help' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const width = Math.max(1, Math.min(columns - 2, DIALOG_WIDTH))
    const left = Math.floor((columns - width) / 2)
    const { now, share, since } = this.#shown.progress()
    const lines: Line[] = [
      ...wrap(this.#shown.text, width, 3).map((row) => line(row, 'strong')),
      [],
      ...wrap(now, width, 3).map((row) => line(row)),
      progressBar(share, width),
      line(clip(lasted(Date.now() - since), width), 'label'),
    ]
    const above = Math.max(0, Math.floor((rows - lines.length) / 3))
    return { lines: [...Array.from({ length: above }, () => []), ...lines.map((each) => indent(left, each))] }
  }

  onKey(key: Key): void {
    if (key.name === 'char' && key.char === 'c') this.leave()
  }

  shown(): void {
    this.#timer ??= setInterval(this.#redraw, 1000)
  }

  gone(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function lasted(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return seconds < 2 ? '' : `For ${clock} minutes now`
}
