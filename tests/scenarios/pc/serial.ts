import xterm from '@xterm/headless'
import { until } from '../fair-time.ts'

/** Both ends of a line: a socket, or something like it. */
export type Line = {
  write(data: string): unknown
  on(event: 'data', listener: (data: Buffer) => void): unknown
}

/** A serial terminal of 80×24 with somebody in front of it: shows what was sent, answers what it is asked. */
export class SerialTerminal {
  readonly #terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, scrollback: 5000 })
  readonly #line: Line
  /** Everything that ever came over the line, for the log of a failure. */
  readonly received: Buffer[] = []

  constructor(line: Line) {
    this.#line = line
    line.on('data', (data: Buffer) => {
      this.received.push(data)
      this.#terminal.write(data)
    })
    // Answers to cursor position and device queries, as a real terminal gives them.
    this.#terminal.onData((answer) => line.write(answer))
  }

  /** What the screen shows now, trailing blanks removed. */
  text(): string {
    const buffer = this.#terminal.buffer.active
    const lines = Array.from({ length: this.#terminal.rows }, (_, row) =>
      (buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
    )
    return lines.join('\n').trimEnd()
  }

  /** Types raw bytes, for example `\x1b[19~` for F8 (vt220 and xterm). */
  send(keys: string): void {
    this.#line.write(keys)
  }

  /** Types the same keys again and again until the returned function is called. */
  repeat(keys: string, everyMs = 100): () => void {
    const timer = setInterval(() => this.send(keys), everyMs)
    return () => clearInterval(timer)
  }

  /** Waits until the screen matches; rejects with what it showed instead. */
  async waitFor(
    expected: RegExp,
    { limitS = 120, signal }: { limitS?: number; signal?: AbortSignal } = {},
  ): Promise<string> {
    const look = () => (expected.test(this.text()) ? this.text() : undefined)
    const what = () => `${expected} on the serial terminal, but:\n${this.text()}`
    return until(what, look, { limitS, everyMs: 100, signal })
  }
}
