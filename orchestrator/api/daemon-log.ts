import pino, { type Logger } from 'pino'
import { oneLine } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { toJournal } from '../host/native.ts'
import { asObject } from '../host/objects.ts'

export type DaemonLog = Pick<Logger, 'info' | 'error'>

/** What an entry is about; `journalctl DESKVISOR_CARTRIDGE=gondor` finds all about one. */
const fields = {
  operation: 'DESKVISOR_OPERATION',
  job: 'DESKVISOR_JOB',
  cartridge: 'DESKVISOR_CARTRIDGE',
} as const

/** Priorities of sd-daemon(3), by the levels of pino that are used. */
const priorities: Readonly<Record<string, number>> = { info: 6, error: 3 }

/** Who did what, for whoever asks the journal later. Where there is no journal, a line on standard error. */
export function daemonLog(send: (entry: Buffer) => void = toJournal): DaemonLog {
  const options = { base: null, timestamp: false, messageKey: 'message', formatters: { level } }
  return pino(options, {
    write(line: string) {
      const entry = asObject(JSON.parse(line))
      try {
        send(journalEntry(entry))
      } catch {
        log[entry.level === 'error' ? 'error' : 'info'](String(entry.message))
      }
    },
  })
}

/** Pure: an entry of pino as the lines of journald's native protocol. */
export function journalEntry(entry: Record<string, unknown>): Buffer {
  const lines = [
    `MESSAGE=${oneLine(String(entry.message))}`,
    `PRIORITY=${priorities[String(entry.level)] ?? priorities.info}`,
    'SYSLOG_IDENTIFIER=deskvisor',
    ...Object.entries(fields).flatMap(([key, field]) => {
      const value = entry[key]
      return typeof value === 'string' ? [`${field}=${oneLine(value)}`] : []
    }),
  ]
  return Buffer.from(`${lines.join('\n')}\n`)
}

function level(label: string): { level: string } {
  return { level: label }
}
