import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Computer, End, Waiting } from '../computer.ts'
import { limit, until } from '../fair-time.ts'
import { lastLines } from '../pc/evidence.ts'
import type { ConsoleFont } from '../pc/font.ts'
import { Guest } from '../pc/guest.ts'
import type { PlacedPicture } from '../pc/judge.ts'
import { encodePng } from '../pc/picture.ts'
import { record } from '../pc/record.ts'
import type { Recording } from '../pc/recorder.ts'
import { screenText } from '../pc/screen-text.ts'
import type { ShellResult } from '../pc/test-shell.ts'
import { quote } from '../pc/test-shell.ts'
import type { ControlGroup } from './control-group.ts'
import { enter } from './enter.ts'
import type { Payload } from './payload.ts'
import { remotePicture } from './remote-screen.ts'
import { copySparse } from './run-now.ts'
import type { Terminal } from './terminal.ts'

export type ContainerParts = {
  payload: Payload
  group: ControlGroup
  terminal: Terminal
  /** The file that is the data partition. */
  disk: string
  /** Ends all that runs inside, and lets go of the disk. */
  off(): Promise<void>
  results: string
  font: ConsoleFont
  signal?: AbortSignal | undefined
}

/** Where QEMU shows an emulated display (orchestrator/console/qemu-arguments.ts). */
const remoteScreen = 'run/deskvisor/console/vnc.sock'

/** The shipped root in a container: everything but firmware, kernel, keys, devices and the real screen. */
export class Container implements Computer {
  readonly guest: Guest
  readonly #parts: ContainerParts
  readonly #startedAt = Date.now()
  #off: End | undefined

  constructor(parts: ContainerParts) {
    this.#parts = parts
    this.guest = new Guest((command, options) => this.shell(command, options))
  }

  get hostBoots(): number {
    return this.#parts.payload.boots
  }

  async shell(command: string | string[], { limitS = 120 }: Waiting = {}): Promise<ShellResult> {
    const leader = await until('the container runs', () => this.#parts.payload.leader, {
      limitS: 60,
      everyMs: 20,
      signal: this.#parts.signal,
    })
    const script = typeof command === 'string' ? command : command.map(quote).join(' ')
    return enter(leader, script, { limitS, signal: this.#parts.signal })
  }

  async hostIsUp(limitS = 120): Promise<void> {
    const answers = async () => {
      const { status } = await this.shell(['systemctl', 'show', '--property=Version']).catch(() => ({
        status: 1,
      }))
      return status === 0
    }
    await until('the host runs', answers, { limitS, signal: this.#parts.signal })
  }

  async tap(...keys: string[]): Promise<void> {
    for (const key of keys) this.#parts.terminal.press(key)
  }

  async type(text: string): Promise<void> {
    this.#parts.terminal.type(text)
  }

  async screenText(): Promise<string> {
    const picture = await this.#picture()
    return picture ? screenText(picture, this.#parts.font) : this.#parts.terminal.screen.text()
  }

  async waitForScreen(expected: RegExp, { limitS = 300 }: Waiting = {}): Promise<string> {
    let text = ''
    const look = async () => {
      text = await this.screenText()
      return expected.test(text) ? text : undefined
    }
    return until(() => `${expected} on the screen, but:\n${text}`, look, {
      limitS,
      everyMs: 100,
      signal: this.#parts.signal,
    })
  }

  async screenshot(name: string): Promise<void> {
    const picture = await this.#picture()
    if (picture) await writeFile(join(this.#parts.results, `${name}.png`), encodePng(picture))
    else await writeFile(join(this.#parts.results, `${name}.txt`), `${this.#parts.terminal.screen.text()}\n`)
  }

  /** Looks at what the desktop shows several times a second until stopped; each new sight is judged, and kept as a picture. */
  record(name: string, { logo }: { logo?: PlacedPicture } = {}): Recording {
    const { results, font } = this.#parts
    return record(() => this.#picture(), { name, results, font, startedAt: this.#startedAt, logo })
  }

  /**
   * What was on its way to the disk stays on its way: everything is frozen, and the disk as it is then is what the next start
   * finds. Unmounting would write the rest.
   */
  async cutPower(): Promise<void> {
    const { group, disk } = this.#parts
    await group.freeze()
    copySparse(disk, `${disk}.cut`)
    await this.#end('cut')
    await rename(`${disk}.cut`, disk)
  }

  async waitForExit(limitS = 180): Promise<End> {
    const signal = new AbortController()
    const tooLong = limit(limitS, 'the container ends', signal.signal)
    try {
      const status = await Promise.race([this.#parts.payload.ended, tooLong])
      const end = status === 0 ? 'powered-off' : 'died'
      await this.#end(end)
      return end
    } finally {
      signal.abort()
      await tooLong.catch(() => undefined)
    }
  }

  async keepEvidence(name: string): Promise<string> {
    const { results, terminal } = this.#parts
    await mkdir(results, { recursive: true })
    await this.screenshot(name).catch(() => undefined)
    await writeFile(join(results, `${name}-tty1.txt`), `${terminal.screen.text()}\n`)
    const state = 'journalctl -b --no-pager -o short-monotonic | tail -n 600; cat /run/deskvisor/*.json'
    const { stdout } = await this.shell(state).catch(() => ({ stdout: '' }))
    await writeFile(join(results, `${name}-journal.txt`), stdout)
    return lastLines(stdout)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('cut')
  }

  /** What the desktop draws; undefined while it does not run. */
  async #picture() {
    const { leader } = this.#parts.payload
    if (leader === undefined) return undefined
    return remotePicture(`/proc/${leader}/root/${remoteScreen}`).catch(() => undefined)
  }

  async #end(how: End): Promise<void> {
    if (this.#off !== undefined) return
    this.#off = how
    await this.#parts.off()
  }
}
