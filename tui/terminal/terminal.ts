import { Canvas, type Scroll } from './canvas.ts'
import type { Input, Output } from './device.ts'
import { type Key, KeyDecoder } from './keys.ts'
import type { TerminalKind } from './kind.ts'
import { flushInput, setWindowSize } from './native.ts'
import { DEFAULT_SIZE, knownSize, PATIENT_PROBE_MS, probeSize, type Size } from './size.ts'
import type { Line } from './text.ts'

/** Keys that arrive this soon after the terminal was opened were typed before there was anything to see. */
const STALE_INPUT_MS = 40

export type TerminalEvents = { onKey: (key: Key) => void; onResize: () => void }

/** Screen and keyboard of one person: raw mode, size, keys in, cells out. Always end with close(). */
export class Terminal {
  readonly #input: Input
  readonly #output: Output
  readonly #events: TerminalEvents
  readonly #decoder: KeyDecoder
  #canvas: Canvas | undefined
  #fallback: Size = DEFAULT_SIZE
  #asks = false
  #asksOnceMore = false
  #open = false
  #listenAfter = 0

  constructor(input: Input, output: Output, events: TerminalEvents) {
    this.#input = input
    this.#output = output
    this.#events = events
    this.#decoder = new KeyDecoder((key) => events.onKey(key))
  }

  get size(): Size {
    return this.#canvas?.size ?? this.#fallback
  }

  /** True while the menu and not, for example, a shell has the terminal. */
  get isOpen(): boolean {
    return this.#open
  }

  /** Takes the terminal and clears it. */
  async open(kind: Extract<TerminalKind, { kind: 'full' }>): Promise<void> {
    await flushInput(this.#input.fd)
    this.#open = true
    this.#input.setRawMode(true)
    this.#input.resume()
    const size = knownSize(this.#output) ?? (await this.#ask())
    if (!this.#open) return
    if (this.#canvas === undefined) {
      this.#canvas = new Canvas(kind, size, (text) => this.#output.write(text))
    } else {
      this.#canvas.enter(size)
      // While a shell had it, nobody looked.
      void this.#askAgain()
    }
    this.#listenAfter = Date.now() + STALE_INPUT_MS
    this.#input.on('data', this.#onData)
    process.on('SIGWINCH', this.#onWindowChange)
    process.on('SIGCONT', this.#onContinue)
  }

  /** Gives the terminal back as it was found; safe to call twice and from an exit handler. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    process.off('SIGWINCH', this.#onWindowChange)
    process.off('SIGCONT', this.#onContinue)
    this.#input.off('data', this.#onData)
    this.#decoder.close()
    try {
      this.#canvas?.leave()
      // Attributes off, default character set, cursor visible: whatever was half sent when we had to stop.
      this.#output.write('\x1b[m\x1b(B\x0f\x1b[?25h')
    } finally {
      this.#input.setRawMode(false)
      this.#input.pause()
    }
  }

  paint(lines: Line[], scroll?: Scroll): void {
    if (this.#open) this.#canvas?.paint(lines, scroll)
  }

  /**
   * The next paint draws everything. The terminal is asked for its size, whose answer is painted when it comes: of a serial line
   * the kernel knows only the size that somebody found out once (systemd does, since 257), and never hears of another.
   */
  reset(): void {
    if (!this.#open) return
    this.#canvas?.reset(knownSize(this.#output) ?? this.#fallback)
    void this.#askAgain()
  }

  async #askAgain(): Promise<void> {
    // What is being answered may be older than what is asked for now.
    this.#asksOnceMore = this.#asks
    if (this.#asks) return
    this.#asks = true
    const { rows, columns } = this.size
    const size = await this.#ask(PATIENT_PROBE_MS)
    this.#asks = false
    if (this.#asksOnceMore) void this.#askAgain()
    if (!this.#open || (size.rows === rows && size.columns === columns)) return
    this.#canvas?.reset(size)
    this.#events.onResize()
  }

  /** Without an answer, it is what it was. */
  async #ask(waitMs?: number): Promise<Size> {
    const size = await probeSize(this.#input, this.#output, waitMs)
    if (size !== null) await setWindowSize(this.#output.fd, size.rows, size.columns)
    this.#fallback = size ?? this.#fallback
    return this.#fallback
  }

  readonly #onData = (bytes: Buffer) => {
    if (Date.now() >= this.#listenAfter) this.#decoder.feed(bytes)
  }

  readonly #onWindowChange = () => {
    this.#canvas?.reset(knownSize(this.#output) ?? this.#fallback)
    this.#events.onResize()
  }

  // Another program may have changed the mode while this one was stopped.
  readonly #onContinue = () => {
    this.#input.setRawMode(false)
    this.#input.setRawMode(true)
    this.#onWindowChange()
  }
}
