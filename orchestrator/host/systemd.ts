import { log } from './log.ts'
import { sdNotify } from './native.ts'

/** sd_notify(3), for example `READY=1`. Does nothing without NOTIFY_SOCKET, and a failure only costs a log line. */
export function notify(text: string): void {
  if (!process.env.NOTIFY_SOCKET) return
  try {
    sdNotify(text)
  } catch (error) {
    log.warning(`systemd was not told ${text}: ${error}`)
  }
}

/**
 * Becomes another program in the same process (execve(2)): same pid, same unit, same NOTIFY_SOCKET. Returns only by throwing.
 * `args` are the arguments after the program's own name.
 */
export function execReplace(file: string, args: readonly string[]): never {
  // process.execve announces itself as experimental on standard error; nobody needs that in the journal.
  process.removeAllListeners('warning')
  if (!process.execve) throw new Error('process.execve is missing: this needs Node 24 on Linux')
  return process.execve(file, [file, ...args], { ...process.env })
}
