import { writeSync } from 'node:fs'
import { oneLine } from './errors.ts'

/** Priorities of sd-daemon(3), which journald reads from the start of each line. */
const priorities = { error: 3, warning: 4, info: 6, debug: 7 } as const

type Level = keyof typeof priorities

/** Writes one line to standard error; below systemd with the priority prefix that journald understands. */
function write(level: Level, text: string): void {
  if (level === 'debug' && !process.env.DESKVISOR_DEBUG) return
  const line = oneLine(text.replace(/[\n\r]+/g, ' | '))
  const prefix = process.env.JOURNAL_STREAM ? `<${priorities[level]}>` : ''
  try {
    writeSync(2, `${prefix}${line}\n`)
  } catch {
    // Nobody listens; a log line must never stop a boot.
  }
}

export const log = {
  error: (text: string) => write('error', text),
  warning: (text: string) => write('warning', text),
  info: (text: string) => write('info', text),
  debug: (text: string) => write('debug', text),
}
