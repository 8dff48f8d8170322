import type { Computer, End, Waiting } from '../computer.ts'
import { limit, until } from '../fair-time.ts'
import { keepEvidence } from './evidence.ts'
import { FirmwareWatch } from './firmware-watch.ts'
import type { ConsoleFont } from './font.ts'
import { Guest } from './guest.ts'
import { Keyboard } from './keyboard.ts'
import type { Picture } from './picture.ts'
import type { Qmp, QmpEvent } from './qmp.ts'
import type { Recording } from './recorder.ts'
import { type ScreenRecorded, Screens, type ScreenWaiting } from './screen.ts'
import type { SerialTerminal } from './serial.ts'
import type { ShellResult, TestShell } from './test-shell.ts'

export type PcOptions = {
  /** Folder that keeps screenshots and logs of this PC. */
  results: string
  /** Folder for what is expensive to fetch. */
  cache: string
  /** Ends every wait when the scenario's time is over. */
  signal?: AbortSignal
}

/** `folder` is for what is gone with the PC. */
type Internals = PcOptions & { folder: string; font: ConsoleFont; uefiVars: string; stop(): Promise<void> }

/** A running virtual PC and what a person can do to it. */
export class Pc implements Computer {
  readonly qmp: Qmp
  /** The terminal on ttyS0. */
  readonly serial: SerialTerminal
  readonly guest: Guest
  /** Everything that QEMU reported, oldest first. */
  readonly events: QmpEvent[] = []
  readonly startedAt = Date.now()
  readonly #shell: TestShell
  readonly #internals: Internals
  readonly #keyboard: Keyboard
  readonly #screens: Screens
  readonly #ended: Promise<End>
  #cut = false

  constructor(qmp: Qmp, serial: SerialTerminal, shell: TestShell, internals: Internals) {
    this.qmp = qmp
    this.serial = serial
    this.#shell = shell
    this.#internals = internals
    this.#keyboard = new Keyboard(qmp)
    this.#screens = new Screens(qmp, internals, this.startedAt)
    const firmware = new FirmwareWatch(qmp, internals.results)
    this.guest = new Guest((command, options) => this.shell(command, options))
    qmp.on('event', (event: QmpEvent) => {
      this.events.push(event)
      if (event.event === 'RESET') {
        shell.reset()
        firmware.expect()
      }
      if (event.event === 'RTC_CHANGE') firmware.stop()
    })
    this.#ended = new Promise((resolve) => {
      qmp.once('close', () => {
        firmware.stop()
        shell.end()
        resolve(this.#cut ? 'cut' : this.#poweredOff() ? 'powered-off' : 'died')
      })
    })
  }

  /** Runs something as root in the host and returns its output. An array is taken word by word. */
  shell(command: string | string[], { limitS }: Waiting = {}): Promise<ShellResult> {
    return this.#shell.run(command, limitS, this.#internals.signal)
  }

  /** Resolves when the host's system manager runs and the test shell answers. */
  hostIsUp(limitS = 300): Promise<void> {
    return this.#shell.ready(limitS, this.#internals.signal)
  }

  /** How often the host came up since the PC was switched on. */
  get hostBoots(): number {
    return this.#shell.boots
  }

  /** Holds a key down, repeating as a keyboard does, until the returned function is called. */
  hold(key: string): () => Promise<void> {
    return this.#keyboard.hold(key)
  }

  /** Presses a key, or several together, for a tenth of a second. */
  tap(...keys: string[]): Promise<void> {
    return this.#keyboard.tap(...keys)
  }

  type(text: string): Promise<void> {
    return this.#keyboard.type(text)
  }

  /** Plugs a USB keyboard in while the PC runs. */
  plugKeyboard(): Promise<void> {
    return this.#keyboard.plugAnother()
  }

  /** Plugs a USB stick in while the PC runs: a raw file that the PC may only read. */
  async plugStick(file: string): Promise<void> {
    const image = { driver: 'file', filename: file, 'read-only': true }
    await this.qmp.command('blockdev-add', {
      driver: 'raw',
      'node-name': 'stick',
      'read-only': true,
      file: image,
    })
    await this.qmp.command('device_add', {
      driver: 'usb-storage',
      id: 'stick',
      drive: 'stick',
      bus: 'usb0.0',
      removable: true,
    })
  }

  /** The picture on a GPU's screen, whoever draws it. */
  picture(gpu?: 'boot' | 'second'): Promise<Picture> {
    return this.#screens.picture(gpu)
  }

  /** What a person could read on a GPU's screen; '' before anything was drawn. */
  screenText(gpu?: 'boot' | 'second'): Promise<string> {
    return this.#screens.text(gpu)
  }

  /** Resolves when firmware and boot loader are through and the host's Linux kernel runs. */
  async waitForKernel(limitS = 180): Promise<void> {
    const args = { 'command-line': 'info registers' }
    // The kernel runs in the upper half of the address space, the firmware in the lower.
    const runs = async () => /RIP=ffff/.test(await this.qmp.command<string>('human-monitor-command', args))
    await until('the kernel runs', runs, { limitS, everyMs: 100, signal: this.#internals.signal })
  }

  /** The file with the UEFI variables of this PC. */
  get uefiVars(): string {
    return this.#internals.uefiVars
  }

  /** Keeps a picture as NAME.png among the results. */
  async screenshot(name: string, gpu?: 'boot' | 'second'): Promise<void> {
    await this.#screens.screenshot(name, gpu)
  }

  /** Waits until the screen shows what is expected and returns all of its text. */
  waitForScreen(expected: RegExp, waiting?: ScreenWaiting): Promise<string> {
    return this.#screens.waitFor(expected, waiting)
  }

  /** Looks at the screen several times a second until stopped; each new sight is judged, and kept as a picture. */
  record(name: string, recorded?: ScreenRecorded): Recording {
    return this.#screens.record(name, recorded)
  }

  /** Pulls the plug: nothing in the PC gets to do anything any more. */
  async cutPower(): Promise<void> {
    this.#cut = true
    await this.#off()
  }

  /** Waits until the PC is off. */
  async waitForExit(limitS = 180): Promise<End> {
    const over = new AbortController()
    const tooLong = limit(limitS, 'the PC switches itself off', over.signal)
    try {
      return await Promise.race([this.#ended, tooLong])
    } finally {
      over.abort()
      await tooLong.catch(() => undefined)
    }
  }

  /** Waits for a report of QEMU, for example RESET; past ones count from number `from` on. */
  async waitForEvent(name: string, { from = 0, limitS = 180 } = {}): Promise<QmpEvent> {
    const reported = () => this.events.slice(from).find((candidate) => candidate.event === name)
    return until(`QEMU reports ${name}`, reported, { limitS, everyMs: 100, signal: this.#internals.signal })
  }

  keepEvidence(name: string): Promise<string> {
    return keepEvidence(this, this.#shell, this.#internals.results, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keyboard.releaseAll()
    await this.#off()
  }

  #poweredOff(): boolean {
    return this.events.some((event) => event.event === 'SHUTDOWN' && event.data?.reason === 'guest-shutdown')
  }

  async #off(): Promise<void> {
    this.#keyboard.releaseAll()
    this.qmp.close()
    await this.#internals.stop()
  }
}
