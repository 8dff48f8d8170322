import { createInterface } from 'node:readline'
import type { Input, Output } from '../terminal/device.ts'
import { toAscii } from '../terminal/sanitize.ts'

/** A terminal of which nothing is known but that it shows lines of text and gives some. */
export type LineTerminal = {
  say(...lines: string[]): void
  /** The next line without spaces around it, or null at the end of input. */
  ask(question: string): Promise<string | null>
  /** Calls `heard` for lines that arrive while `work` is under way; those it does not take answer later questions. */
  listen<T>(work: Promise<T>, heard: (line: string) => boolean): Promise<T>
  pause(): void
}

/** A terminal, or anything else that gives and takes lines, as a terminal of lines. Lines that arrive together (a pipe) are not lost between questions. */
export function lineTerminal(source: Input, output: Output): LineTerminal {
  const waiting: ((line: string | null) => void)[] = []
  const lines: string[] = []
  let ended = false
  let hear = (_line: string): boolean => false
  const input = createInterface({ input: source, terminal: false })
  input.on('line', (text) => {
    const line = text.trim()
    if (hear(line)) return
    const next = waiting.shift()
    if (next === undefined) lines.push(line)
    else next(line)
  })
  input.on('close', () => {
    ended = true
    for (const next of waiting.splice(0)) next(null)
  })
  return {
    say: (...texts) => void output.write(texts.map((text) => `${toAscii(text)}\n`).join('')),
    ask: (question) => {
      output.write(toAscii(question))
      const line = lines.shift()
      if (line !== undefined) {
        // What was typed ahead ended its own line, and not this one.
        output.write('\n')
        return Promise.resolve(line)
      }
      if (ended) return Promise.resolve(null)
      input.resume()
      return new Promise((resolve) => {
        waiting.push(resolve)
      })
    },
    listen: async (work, heard) => {
      hear = heard
      try {
        return await work
      } finally {
        hear = () => false
      }
    },
    pause: () => void input.pause(),
  }
}
