import { randomBytes } from 'node:crypto'
import { limit } from '../fair-time.ts'
import type { Line } from './serial.ts'

export type ShellResult = { status: number; stdout: string; stderr: string; bytes: Buffer }

/**
 * Credentials that give an unmodified image a root shell on ttyS1 (systemd-debug-generator(8), systemd 256 and
 * later). It starts before anything that a test could want to break.
 */
export const testShellCredentials: Record<string, string> = {
  'systemd.extra-unit.deskvisor-test-shell.service': `[Unit]
Description=Shell of the tests on ttyS1
ConditionPathExists=!/etc/initrd-release
DefaultDependencies=no
IgnoreOnIsolate=yes
After=dev-ttyS1.device
[Service]
ExecStart=/bin/sh -c 'stty -echo -onlcr; printf "\\n<<READY>>\\n"; while IFS= read -r line; do eval "$$line"; done'
StandardInput=tty-force
StandardOutput=tty
StandardError=journal
TTYPath=/dev/ttyS1
TTYReset=yes
Environment=TERM=dumb HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
KillMode=process
Restart=always
RestartSec=1
`,
  'systemd.unit-dropin.sysinit.target': '[Unit]\nWants=deskvisor-test-shell.service\n',
}

/** The kernel cuts a line of a terminal at 4095 bytes (n_tty). */
const pieceLength = 2000
const readyMarker = '<<READY>>'

/** The host's root shell over a serial line. One command at a time; output comes back byte for byte. */
export class TestShell {
  readonly #line: Line
  #received = ''
  #ready = false
  #ended = false
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = new Set<() => void>()
  /** Number of times that a shell came up: one more after every boot of the host. */
  boots: number

  /** `boots`: how many shells came up before, of which the last one still runs. */
  constructor(line: Line, { boots = 0 } = {}) {
    this.#line = line
    this.boots = boots
    this.#ready = boots > 0
    line.on('data', (data: Buffer) => this.#receive(data.toString('latin1')))
  }

  /** To be called when the PC was reset: whatever was asked before will never be answered. */
  reset(): void {
    this.#ready = false
    this.#received = ''
    this.#wake()
  }

  /** To be called when the PC is off: nothing will be answered any more. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  get isReady(): boolean {
    return this.#ready
  }

  /** Resolves when the shell of the present boot answers. */
  async ready(limitS = 240, signal?: AbortSignal): Promise<void> {
    await this.#until(() => this.#ready, limitS, 'the test shell', signal)
  }

  /** Runs a command, a script or an argument array; fails after `limitS` fair seconds (fair-time.ts). */
  run(command: string | string[], limitS = 120, signal?: AbortSignal): Promise<ShellResult> {
    const result = this.#queue.then(() => this.#run(command, limitS, signal))
    this.#queue = result.catch(() => undefined)
    return result
  }

  async #run(command: string | string[], limitS: number, signal?: AbortSignal): Promise<ShellResult> {
    await this.ready(undefined, signal)
    const script = typeof command === 'string' ? command : command.map(quote).join(' ')
    const id = randomBytes(6).toString('hex')
    const boot = this.boots
    for (const line of scriptLines(script, id)) this.#line.write(`${line}\n`)
    const end = `\n<<END ${id} `
    await this.#until(
      () => new RegExp(`${end}\\d+>>`).test(this.#received) || this.boots !== boot || !this.#ready,
      limitS,
      `the end of: ${script.slice(0, 200)}`,
      signal,
    )
    const result = parseResult(this.#received, id)
    if (!result) throw new Error(`The host restarted during: ${script.slice(0, 200)}`)
    this.#received = ''
    return result
  }

  #receive(text: string): void {
    this.#received += text
    const ready = this.#received.lastIndexOf(readyMarker)
    if (ready !== -1) {
      this.#received = this.#received.slice(ready + readyMarker.length)
      this.#ready = true
      this.boots++
    }
    this.#wake()
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check()
  }

  #until(condition: () => boolean, limitS: number, what: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = new AbortController()
      const finish = (error?: Error) => {
        over.abort()
        this.#waiting.delete(check)
        signal?.removeEventListener('abort', abort)
        if (error) reject(error)
        else resolve()
      }
      const check = () => {
        if (condition()) finish()
        else if (this.#ended) finish(new Error(`The PC is off; waited for ${what}`))
      }
      const abort = () => finish(new Error(`Given up waiting for ${what}`))
      limit(limitS, what, over.signal).catch(finish)
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(check)
      if (signal?.aborted) abort()
      else check()
    })
  }
}

/** The lines to type: the script travels as base64, its output comes back as base64 between markers. */
export function scriptLines(script: string, id: string): string[] {
  const encoded = Buffer.from(script).toString('base64')
  const pieces = encoded.match(new RegExp(`.{1,${pieceLength}}`, 'g')) ?? []
  const file = `/run/test-${id}`
  return [
    'c=',
    ...pieces.map((piece) => `c="$c"${piece}`),
    `printf %s "$c" | base64 -d >${file}; ` +
      `sh ${file} </dev/null >${file}.out 2>${file}.err; s=$?; ` +
      `printf '\\n<<OUT ${id}\\n'; base64 ${file}.out; printf '<<ERR ${id}\\n'; base64 ${file}.err; ` +
      `printf '\\n<<END ${id} %s>>\\n' "$s"; rm -f ${file} ${file}.out ${file}.err`,
  ]
}

/** Finds the result with this id in what came over the line, whatever else is around it. */
export function parseResult(received: string, id: string): ShellResult | undefined {
  const match = new RegExp(
    `\\n<<OUT ${id}\\r?\\n([A-Za-z0-9+/=\\s]*)<<ERR ${id}\\r?\\n([A-Za-z0-9+/=\\s]*)\\n<<END ${id} (\\d+)>>`,
  ).exec(received)
  if (!match) return undefined
  const [bytes, stderr] = [match[1] ?? '', match[2] ?? ''].map((text) => Buffer.from(text, 'base64'))
  return {
    status: Number(match[3]),
    bytes: bytes ?? Buffer.alloc(0),
    stdout: bytes?.toString() ?? '',
    stderr: stderr?.toString() ?? '',
  }
}

/** One argument as a word of the shell. */
export function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`
}
