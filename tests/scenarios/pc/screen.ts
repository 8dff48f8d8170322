import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Waiting } from '../computer.ts'
import { until } from '../fair-time.ts'
import type { ConsoleFont } from './font.ts'
import { nothingDrawn, type PlacedPicture } from './judge.ts'
import { encodePng, type Picture, parsePpm } from './picture.ts'
import type { Qmp } from './qmp.ts'
import { record } from './record.ts'
import type { Recording } from './recorder.ts'
import { screenText } from './screen-text.ts'

export type ScreenWaiting = Waiting & { gpu?: 'boot' | 'second' }
/** `logo`: the PC's own. */
export type ScreenRecorded = { gpu?: 'boot' | 'second'; logo?: PlacedPicture }

/** `folder` is for pictures on their way, `results` for those that are kept. */
type ScreenOptions = { folder: string; results: string; font: ConsoleFont; signal?: AbortSignal }

/** The screens of a virtual PC, and somebody who looks at them. */
export class Screens {
  readonly #qmp: Qmp
  readonly #options: ScreenOptions
  readonly #startedAt: number
  #pictures = 0

  constructor(qmp: Qmp, options: ScreenOptions, startedAt: number) {
    this.#qmp = qmp
    this.#options = options
    this.#startedAt = startedAt
  }

  /** The picture on a GPU's screen, whoever draws it. */
  async picture(gpu: 'boot' | 'second' = 'boot'): Promise<Picture> {
    const file = join(this.#options.folder, `screen-${this.#pictures++}.ppm`)
    await this.#qmp.command('screendump', { filename: file, device: `gpu-${gpu}`, head: 0 })
    const content = await readFile(file)
    await rm(file, { force: true })
    return parsePpm(content)
  }

  /** What a person could read on a GPU's screen; '' before anything was drawn. */
  async text(gpu?: 'boot' | 'second'): Promise<string> {
    return this.#read(await this.picture(gpu))
  }

  /** Keeps a picture as NAME.png among the results and returns where. */
  async screenshot(name: string, gpu?: 'boot' | 'second'): Promise<string> {
    const file = join(this.#options.results, `${name}.png`)
    await writeFile(file, encodePng(await this.picture(gpu)))
    return file
  }

  /** Waits until the screen shows what is expected and returns all of its text. */
  async waitFor(expected: RegExp, { limitS = 300, gpu }: ScreenWaiting = {}): Promise<string> {
    let text = ''
    const look = async () => {
      text = await this.text(gpu)
      return expected.test(text) ? text : undefined
    }
    const { signal } = this.#options
    return until(() => `${expected} on the screen, but:\n${text}`, look, { limitS, everyMs: 500, signal })
  }

  /** Looks at the screen several times a second until stopped; each new sight is judged, and kept as a picture. */
  record(name: string, { gpu, logo }: ScreenRecorded = {}): Recording {
    const { results, font } = this.#options
    return record(() => this.picture(gpu), { name, results, font, startedAt: this.#startedAt, logo })
  }

  #read(picture: Picture): string {
    const text = screenText(picture, this.#options.font)
    return text.trim() === nothingDrawn ? '' : text
  }
}
