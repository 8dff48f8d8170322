import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import xterm from '@xterm/headless'

/** A serial terminal of 80×24 with somebody in front of it: shows what was sent, answers what it is asked. */
export class SerialTerminal {
  readonly #terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, scrollback: 5000 })
  readonly #line: Pick<Socket, 'write' | 'on'>
  /** Everything that ever came over the line, for the log of a failure. */
  readonly received: Buffer[] = []

  constructor(line: Pick<Socket, 'write' | 'on'>) {
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
    { timeoutS = 120, signal }: { timeoutS?: number; signal?: AbortSignal } = {},
  ) {
    const end = Date.now() + timeoutS * 1000
    for (;;) {
      const text = this.text()
      if (expected.test(text)) return text
      if (Date.now() > end)
        throw new Error(`No ${expected} on the serial terminal after ${timeoutS} s:\n${text}`)
      await sleep(100, undefined, { signal })
    }
  }
}
