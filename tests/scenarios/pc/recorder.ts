import type { Picture } from './picture.ts'
import { colours } from './picture.ts'

/** One moment of the screen. */
export type Frame = { atMs: number; text: string; colours: number; picture: Picture }

/** Remembers what was on a screen, moment by moment, so that a test can say what nobody ever saw there. */
export class Recording {
  /** Each frame that differs from the one before, oldest first. */
  readonly frames: Omit<Frame, 'picture'>[] = []
  #last: Buffer | undefined
  #stop: () => void
  readonly #taken: (frame: Frame) => void

  constructor(stop: () => void, taken: (frame: Frame) => void = () => undefined) {
    this.#stop = stop
    this.#taken = taken
  }

  add(atMs: number, text: string, picture: Picture): void {
    const pixels = Buffer.from(picture.pixels)
    if (this.#last?.equals(pixels)) return
    this.#last = pixels
    const frame = { atMs, text, colours: colours(picture).length, picture }
    this.frames.push({ atMs, text, colours: frame.colours })
    this.#taken(frame)
  }

  /** Ends the recording and returns its frames. */
  stop(): Omit<Frame, 'picture'>[] {
    this.#stop()
    return this.frames
  }

  /** The frames before the first one whose text matches; all of them when none does. */
  before(expected: RegExp): Omit<Frame, 'picture'>[] {
    const index = this.frames.findIndex((frame) => expected.test(frame.text))
    return index === -1 ? this.frames : this.frames.slice(0, index)
  }
}
