import { setTimeout as sleep } from 'node:timers/promises'
import { keepEvidence } from './evidence.ts'
import { FirmwareWatch } from './firmware-watch.ts'
import type { ConsoleFont } from './font.ts'
import { Guest } from './guest.ts'
import { Keyboard } from './keyboard.ts'
import type { Picture } from './picture.ts'
import type { Qmp, QmpEvent } from './qmp.ts'
import type { Recording } from './recorder.ts'
import { Screens, type Waiting } from './screen.ts'
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

/** `powered-off`: the guest switched the PC off. `cut`: the test did. `died`: QEMU ended by itself. */
export type PcEnd = 'powered-off' | 'cut' | 'died'

/** `folder` is for what is gone with the PC. */
type Internals = PcOptions & { folder: string; font: ConsoleFont; stop(): Promise<void> }

/** A running virtual PC and what a person can do to it. */
export class Pc implements AsyncDisposable {
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
  readonly #ended: Promise<PcEnd>
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
  shell(command: string | string[], { timeoutS = 60 }: { timeoutS?: number } = {}): Promise<ShellResult> {
    return this.#shell.run(command, timeoutS, this.#internals.signal)
  }

  /** Resolves when the host's system manager runs and the test shell answers. */
  hostIsUp(timeoutS = 240): Promise<void> {
    return this.#shell.ready(timeoutS, this.#internals.signal)
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

  /** The picture on a GPU's screen, whoever draws it. */
  picture(gpu?: 'boot' | 'second'): Promise<Picture> {
    return this.#screens.picture(gpu)
  }

  /** What a person could read on a GPU's screen; '' before anything was drawn. */
  screenText(gpu?: 'boot' | 'second'): Promise<string> {
    return this.#screens.text(gpu)
  }

  /** Resolves when firmware and boot loader are through and the host's Linux kernel runs. */
  async waitForKernel(timeoutS = 120): Promise<void> {
    const end = Date.now() + timeoutS * 1000
    const args = { 'command-line': 'info registers' }
    // The kernel runs in the upper half of the address space, the firmware in the lower.
    while (!/RIP=ffff/.test(await this.qmp.command<string>('human-monitor-command', args))) {
      if (Date.now() > end) throw new Error(`No kernel ran within ${timeoutS} s`)
      await sleep(100, undefined, { signal: this.#internals.signal })
    }
  }

  screenIsBlank(gpu?: 'boot' | 'second'): Promise<boolean> {
    return this.#screens.isBlank(gpu)
  }

  /** Keeps a picture as NAME.png among the results and returns where. */
  screenshot(name: string, gpu?: 'boot' | 'second'): Promise<string> {
    return this.#screens.screenshot(name, gpu)
  }

  /** Waits until the screen shows what is expected and returns all of its text. */
  waitForScreen(expected: RegExp, waiting?: Waiting): Promise<string> {
    return this.#screens.waitFor(expected, waiting)
  }

  /** Looks at the screen about once a second until stopped; each new sight is also kept as a picture. */
  record(name: string, gpu?: 'boot' | 'second'): Recording {
    return this.#screens.record(name, gpu)
  }

  /** Pulls the plug: nothing in the PC gets to do anything any more. */
  async cutPower(): Promise<void> {
    this.#cut = true
    await this.#off()
  }

  /** Waits until the PC is off. */
  async waitForExit(timeoutS = 120): Promise<PcEnd> {
    const limit = sleep(timeoutS * 1000, undefined, { signal: this.#internals.signal, ref: false }).then(
      () => {
        throw new Error(`The PC was still on after ${timeoutS} s`)
      },
    )
    return Promise.race([this.#ended, limit])
  }

  /** Waits for a report of QEMU, for example RESET; past ones count from number `from` on. */
  async waitForEvent(name: string, { from = 0, timeoutS = 120 } = {}): Promise<QmpEvent> {
    const end = Date.now() + timeoutS * 1000
    for (;;) {
      const event = this.events.slice(from).find((candidate) => candidate.event === name)
      if (event) return event
      if (Date.now() > end) throw new Error(`QEMU did not report ${name} within ${timeoutS} s`)
      await sleep(100, undefined, { signal: this.#internals.signal })
    }
  }

  /** Keeps everything that helps to understand a failure. */
  keepEvidence(name: string): Promise<void> {
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
