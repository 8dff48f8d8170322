import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { composePc } from './compose.ts'
import type { ConsoleFont } from './font.ts'
import { kernelFont } from './font.ts'
import { Guest } from './guest.ts'
import { chordOf, qcodeOf } from './keys.ts'
import { encodePng, isBlank, type Picture, parsePpm } from './picture.ts'
import { start } from './process.ts'
import { connectQmp, connectSocket, type Qmp, type QmpEvent } from './qmp.ts'
import { Recording } from './recorder.ts'
import { screenText } from './screen-text.ts'
import { SerialTerminal } from './serial.ts'
import { completeSpec, type PcSpec } from './spec.ts'
import { type ShellResult, TestShell, testShellCredentials } from './test-shell.ts'

export type PcOptions = {
  /** Folder that keeps screenshots and logs of this PC. */
  results: string
  /** Folder for what is expensive to fetch. */
  cache: string
  /** Ends every wait when the scenario's time is over. */
  signal?: AbortSignal
}

export type Waiting = { timeoutS?: number; gpu?: 'boot' | 'second' }

/** `powered-off`: the guest switched the PC off. `cut`: the test did. `died`: QEMU ended by itself. */
export type PcEnd = 'powered-off' | 'cut' | 'died'

/** A PC keyboard repeats a held key about thirty times a second. */
const typematicMs = 33

/**
 * Seconds after a reset in which the firmware sets the PC's clock, which QEMU reports; half of it on a busy machine. Once in
 * a hundred resets an emulated PC stands still instead, before its first instruction, and another reset gets it going.
 */
const firmwareS = 60

/** QEMU's own words on a screen that nobody has drawn on yet. */
const nothingDrawn = 'Guest has not initialized the display (yet).'

/** Switches a virtual PC on. `await using pc = await startPc(…)` switches it off again whatever happens. */
export async function startPc(spec: PcSpec, options: PcOptions): Promise<Pc> {
  const complete = completeSpec({ ...spec, credentials: { ...testShellCredentials, ...spec.credentials } })
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-pc-'))
  await mkdir(options.results, { recursive: true })
  const font = await kernelFont(options.cache)
  const { files, args, environment } = await composePc(complete, {
    folder,
    cache: options.cache,
    serial: join(folder, 'ttyS0'),
    log: join(options.results, 'qemu-trace.log'),
  })
  const tpmArguments = [
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${folder}`,
    '--ctrl',
    `type=unixio,path=${files.tpm}`,
  ]
  const tpm = complete.tpm ? start('swtpm', tpmArguments, join(options.results, 'swtpm.log')) : undefined
  if (tpm) (await connectSocket(files.tpm)).destroy()
  const qemu = start('qemu-system-x86_64', args, join(options.results, 'qemu.log'), environment)
  const stop = async () => {
    if (qemu.exitCode === null && qemu.signalCode === null) {
      const ended = once(qemu, 'exit')
      qemu.kill('SIGKILL')
      await ended
    }
    tpm?.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [qmp, serial, testPort] = await Promise.all([
      connectQmp(files.qmp),
      connectSocket(files.serial),
      connectSocket(files.testPort),
    ])
    for (const line of [serial, testPort]) line.on('error', () => undefined)
    const pc = new Pc(qmp, new SerialTerminal(serial), new TestShell(testPort), {
      folder,
      font,
      stop,
      ...options,
    })
    await qmp.command('cont')
    return pc
  } catch (error) {
    await stop()
    const log = await readFile(join(options.results, 'qemu.log'), 'utf8').catch(() => '')
    throw new Error(`The virtual PC did not start: ${log.trim()}`, { cause: error })
  }
}

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
  readonly #releases = new Set<() => void>()
  readonly #ended: Promise<PcEnd>
  #firmware: NodeJS.Timeout | undefined
  #cut = false
  #pictures = 0
  #lastKeyboard = 0

  constructor(qmp: Qmp, serial: SerialTerminal, shell: TestShell, internals: Internals) {
    this.qmp = qmp
    this.serial = serial
    this.#shell = shell
    this.#internals = internals
    this.guest = new Guest((command, options) => this.shell(command, options))
    qmp.on('event', (event: QmpEvent) => {
      this.events.push(event)
      if (event.event === 'RESET') {
        shell.reset()
        this.#expectFirmware()
      }
      if (event.event === 'RTC_CHANGE') clearTimeout(this.#firmware)
    })
    this.#ended = new Promise((resolve) => {
      qmp.once('close', () => {
        clearTimeout(this.#firmware)
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
    const qcode = qcodeOf(key)
    let held = true
    const stop = () => {
      held = false
    }
    this.#releases.add(stop)
    const repeating = (async () => {
      while (held) {
        await this.#key(qcode, true)
        await sleep(typematicMs)
      }
      await this.#key(qcode, false)
    })().catch(() => undefined)
    return async () => {
      stop()
      this.#releases.delete(stop)
      await repeating
    }
  }

  /** Presses a key, or several together, for a tenth of a second. */
  async tap(...keys: string[]): Promise<void> {
    const qcodes = keys.map(qcodeOf)
    for (const qcode of qcodes) await this.#key(qcode, true)
    await sleep(100)
    for (const qcode of qcodes.reverse()) await this.#key(qcode, false)
    await sleep(50)
  }

  async type(text: string): Promise<void> {
    for (const character of text) await this.tap(...chordOf(character))
  }

  /** Plugs a USB keyboard in while the PC runs. */
  async plugKeyboard(): Promise<void> {
    const id = `late-keyboard${this.#lastKeyboard++}`
    await this.qmp.command('device_add', { driver: 'usb-kbd', id, bus: 'usb0.0' })
  }

  /** The picture on a GPU's screen, whoever draws it. */
  async picture(gpu: 'boot' | 'second' = 'boot'): Promise<Picture> {
    const file = join(this.#internals.folder, `screen-${this.#pictures++}.ppm`)
    await this.qmp.command('screendump', { filename: file, device: `gpu-${gpu}`, head: 0 })
    const content = await readFile(file)
    await rm(file, { force: true })
    return parsePpm(content)
  }

  /** What a person could read on a GPU's screen; '' before anything was drawn. */
  async screenText(gpu?: 'boot' | 'second'): Promise<string> {
    return this.#read(await this.picture(gpu))
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

  async screenIsBlank(gpu?: 'boot' | 'second'): Promise<boolean> {
    return isBlank(await this.picture(gpu))
  }

  /** Keeps a picture as NAME.png among the results and returns where. */
  async screenshot(name: string, gpu?: 'boot' | 'second'): Promise<string> {
    const file = join(this.#internals.results, `${name}.png`)
    await writeFile(file, encodePng(await this.picture(gpu)))
    return file
  }

  /** Waits until the screen shows what is expected and returns all of its text. */
  async waitForScreen(expected: RegExp, { timeoutS = 180, gpu }: Waiting = {}): Promise<string> {
    const end = Date.now() + timeoutS * 1000
    for (;;) {
      const text = await this.screenText(gpu)
      if (expected.test(text)) return text
      if (Date.now() > end) throw new Error(`No ${expected} on the screen after ${timeoutS} s, but:\n${text}`)
      await sleep(1000, undefined, { signal: this.#internals.signal })
    }
  }

  /** Looks at the screen about once a second until stopped; each new sight is also kept as a picture. */
  record(name: string, gpu?: 'boot' | 'second'): Recording {
    let running = true
    let number = 0
    const recording = new Recording(
      () => {
        running = false
      },
      ({ picture }) => {
        if (number < 200) {
          const file = `${name}-${String(number++).padStart(3, '0')}.png`
          void writeFile(join(this.#internals.results, file), encodePng(picture)).catch(() => undefined)
        }
      },
    )
    void (async () => {
      while (running) {
        const picture = await this.picture(gpu)
        recording.add(Date.now() - this.startedAt, this.#read(picture), picture)
        await sleep(1000)
      }
    })().catch(() => undefined)
    return recording
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
  async keepEvidence(name: string): Promise<void> {
    const { results } = this.#internals
    await this.screenshot(name).catch(() => undefined)
    const text = await this.screenText().catch((error: Error) => error.message)
    await writeFile(join(results, `${name}-screen.txt`), `${text}\n`)
    await writeFile(join(results, `${name}-serial.txt`), `${this.serial.text()}\n`)
    await writeFile(join(results, `${name}-serial.log`), Buffer.concat(this.serial.received))
    await writeFile(join(results, `${name}-events.json`), `${JSON.stringify(this.events, null, 1)}\n`)
    const journal = await this.#journal()
    if (journal) await writeFile(join(results, `${name}-journal.txt`), journal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const release of this.#releases) release()
    await this.#off()
  }

  async #journal(): Promise<string> {
    const state = 'journalctl -b --no-pager -o short-monotonic | tail -n 400; cat /run/deskvisor/*.json'
    if (!this.#shell.isReady) return ''
    const result = await this.#shell.run(state, 25).catch(() => undefined)
    return result?.stdout ?? ''
  }

  #read(picture: Picture): string {
    const text = screenText(picture, this.#internals.font)
    return text.trim() === nothingDrawn ? '' : text
  }

  async #key(data: string, down: boolean): Promise<void> {
    const event = { type: 'key', data: { down, key: { type: 'qcode', data } } }
    await this.qmp.command('input-send-event', { events: [event] })
  }

  /** What the processors were at is kept, for whoever finds out why they stand still. */
  #expectFirmware(): void {
    clearTimeout(this.#firmware)
    const resetAgain = async () => {
      const registers = await this.qmp.command<string>('human-monitor-command', {
        'command-line': 'info registers -a',
      })
      await writeFile(join(this.#internals.results, `stood-still-${Date.now()}.txt`), registers)
      console.log('The virtual PC stood still after a reset; it is reset again.')
      await this.qmp.command('system_reset')
    }
    this.#firmware = setTimeout(() => void resetAgain().catch(() => undefined), firmwareS * 1000)
    this.#firmware.unref()
  }

  #poweredOff(): boolean {
    return this.events.some((event) => event.event === 'SHUTDOWN' && event.data?.reason === 'guest-shutdown')
  }

  async #off(): Promise<void> {
    for (const release of this.#releases) release()
    this.qmp.close()
    await this.#internals.stop()
  }
}
