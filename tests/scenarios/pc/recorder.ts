import { until } from '../fair-time.ts'
import type { Sight } from './judge.ts'

/** One moment of the screen; `file` is its picture among the results. */
export type Frame = { atMs: number; text: string; sight: Sight; file: string }

/** Remembers what was on a screen, moment by moment, so that a test can say what nobody ever saw there. */
export class Recording {
  /** What was seen until now, oldest first. */
  readonly frames: Frame[] = []
  readonly #end: () => Promise<void>
  #failed = false

  /** `end` ends the looking, and rejects when somebody could not look. */
  constructor(end: () => Promise<void>) {
    this.#end = end
  }

  /** To be called for each frame that differs from the one before. */
  add(frame: Frame): void {
    this.frames.push(frame)
  }

  /** To be called when nobody can look any more; `stop` tells why. */
  fail(): void {
    this.#failed = true
  }

  /** Whether anything of this kind was seen yet. */
  has(kind: Sight['kind']): boolean {
    return this.frames.some(({ sight }) => sight.kind === kind)
  }

  /** Waits for a frame whose text matches, ends the recording, and returns the frames before. */
  async framesBefore(expected: RegExp, limitS = 120): Promise<Frame[]> {
    const isThere = () => this.#failed || this.frames.some(({ text }) => expected.test(text))
    await until(`${expected} in the recording`, isThere, { limitS })
    return framesBefore(expected, await this.stop())
  }

  /** Ends the recording and returns its frames, oldest first. Throws when there are none: then nobody looked. */
  async stop(): Promise<Frame[]> {
    await this.#end()
    if (this.frames.length === 0) throw new Error('The recording has no frame')
    return this.frames
  }
}

/** The frames before the first one whose text matches. Throws when none does: then it is not known what they led to. */
export function framesBefore(expected: RegExp, frames: Frame[]): Frame[] {
  const index = frames.findIndex((frame) => expected.test(frame.text))
  if (index === -1) throw new Error(`No frame has ${expected}`)
  return frames.slice(0, index)
}

/** Throws when a frame shows anything else than these; tells of each other sight once, with its picture. */
export function expectOnly(kinds: Sight['kind'][], frames: Frame[]): void {
  const others = frames.filter(({ sight }) => !kinds.includes(sight.kind))
  if (others.length === 0) return
  const sights = Map.groupBy(others, ({ sight }) => JSON.stringify(sight))
  const lines = [...sights.values()].map((same) => describe(same, same.length))
  throw new Error(`Seen on the screen:\n${lines.join('\n')}`)
}

function describe([first]: Frame[], times: number): string {
  if (!first) return ''
  const { atMs, text, sight, file } = first
  const box = sight.kind === 'foreign' ? ` ${JSON.stringify(sight.box)}` : ''
  const words = text.match(/[A-Za-z]{3,}/g) ?? []
  const when = `after ${(atMs / 1000).toFixed(1)} s${times > 1 ? `, ${times} times` : ''}`
  return `  ${when}: ${sight.kind}${box} ${words.slice(0, 12).join(' ')}\n    ${file}`
}
