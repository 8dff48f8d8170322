import { once } from 'node:events'
import { join } from 'node:path'
import { start } from '../pc/process.ts'
import { SerialTerminal } from '../pc/serial.ts'

const size = { rows: 24, columns: 80 }

/** What a terminal sends for a key that is no character. */
const sequences: Record<string, string> = {
  enter: '\r',
  esc: '\x1b',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  backspace: '\x7f',
}

/** A pseudo-terminal with somebody in front of it; becomes a container's tty1. */
export class Terminal {
  /** The end for programs, for example `/dev/pts/3`. */
  readonly device: string
  readonly screen: SerialTerminal
  readonly #close: () => void

  private constructor(device: string, screen: SerialTerminal, close: () => void) {
    this.device = device
    this.screen = screen
    this.#close = close
  }

  static async open(log: string): Promise<Terminal> {
    const script = join(import.meta.dirname, 'pty.pl')
    const child = start('perl', [script, String(size.rows), String(size.columns)], log, {}, 'pipe')
    const { stdin, stdout } = child
    if (!stdin || !stdout) throw new Error('perl has no pipes')
    stdin.on('error', () => undefined)
    const [first] = (await once(stdout, 'data')) as [Buffer]
    const screen = new SerialTerminal({
      write: (keys: string) => stdin.write(keys),
      on: (_: 'data', listener: (data: Buffer) => void) => stdout.on('data', listener),
    })
    return new Terminal(first.toString().trim(), screen, () => child.kill('SIGKILL'))
  }

  press(key: string): void {
    this.screen.send(sequences[key] ?? key)
  }

  type(text: string): void {
    this.screen.send(text.replaceAll('\n', '\r'))
  }

  close(): void {
    this.#close()
  }
}
