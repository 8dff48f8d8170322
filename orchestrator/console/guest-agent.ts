import { connect } from 'node:net'
import { readLines } from './lines.ts'

/**
 * Asks the guest agent for a sign of life. True when it answered within `timeoutMs`. Whatever else the guest sends is
 * thrown away: old answers, garbage, endless lines. `guest-sync-delimited` tells a fresh answer from an old one
 * (https://www.qemu.org/docs/master/interop/qemu-ga-ref.html).
 */
export function pingGuestAgent(path: string, timeoutMs = 1500): Promise<boolean> {
  return new Promise((resolve) => {
    const sync = 1 + Math.floor(Math.random() * (2 ** 31 - 1))
    let synced = false
    const socket = connect(path)
    const finish = (answered: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answered)
    }
    const timer = setTimeout(finish, timeoutMs, false)
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('connect', () => {
      // 0xFF makes the agent's parser drop what an earlier, half-sent command left behind.
      socket.write(Buffer.of(0xff))
      socket.write(`${JSON.stringify({ execute: 'guest-sync-delimited', arguments: { id: sync } })}\n`)
    })
    readLines(
      socket,
      (line) => {
        const answer = returnOf(line)
        if (!synced && answer === sync) {
          synced = true
          socket.write(`${JSON.stringify({ execute: 'guest-ping' })}\n`)
        } else if (synced && isEmptyObject(answer)) {
          finish(true)
        }
      },
      () => finish(false),
    )
  })
}

/** The `return` of an answer; undefined for anything else. Invalid UTF-8 (the 0xFF in front) reads as U+FFFD. */
function returnOf(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFFFD+/, ''))
    return typeof value === 'object' && value !== null && 'return' in value ? value.return : undefined
  } catch {
    return undefined
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
