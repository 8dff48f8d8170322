import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const timeoutMs = 15_000
/** Nothing more comes when the line was silent for so long. */
const silenceMs = 300

/** A program in a pseudo-terminal (script(1)) of 80×24 with TERM=linux; every byte that it sends is counted. */
export class BenchTerminal {
  readonly #child: ChildProcess
  #text = ''
  #changed = () => {}
  #lastAt = 0

  /** `command` is a line for bash(1); `env` is laid over a small environment. */
  constructor(command: string, env: Record<string, string> = {}) {
    this.#child = spawn('script', ['-qfec', `stty rows 24 cols 80; ${command}`, '/dev/null'], {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        SHELL: '/bin/bash',
        LANG: 'C.UTF-8',
        TERM: 'linux',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.#text += data.toString('latin1')
      this.#lastAt = performance.now()
      this.#changed()
    })
    this.#child.stdin?.on('error', () => undefined)
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#text.length
  }

  /** performance.now() at which the last bytes came. */
  get lastAt(): number {
    return this.#lastAt
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** performance.now() at which the text was complete; escape sequences are not taken out of what is searched. */
  async shows(text: string): Promise<number> {
    await this.#until(() => this.#text.includes(text), text)
    return this.#lastAt
  }

  /** Waits until nothing has come for a moment. */
  async quiet(): Promise<void> {
    const since = performance.now()
    while (performance.now() - Math.max(since, this.#lastAt) < silenceMs) {
      await new Promise((resolve) => setTimeout(resolve, silenceMs / 4))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  #until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Never saw ${what} but: ${JSON.stringify(this.#text)}`)),
        timeoutMs,
      )
      this.#changed = () => {
        if (!condition()) return
        clearTimeout(timer)
        this.#changed = () => {}
        resolve()
      }
      this.#changed()
    })
  }
}
