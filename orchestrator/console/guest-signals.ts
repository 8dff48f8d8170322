import type { Socket } from 'node:net'
import { log } from '../host/log.ts'
import { connectTo } from './connect-to.ts'
import { throttle } from './throttle.ts'

/** What the guest can say of its own accord, a line each, on the port org.deskvisor.signal.0 (docs/guest). */
export type GuestSignal = 'logout' | 'before-update'

/** What the guest is told when it is about to be updated: there is a snapshot of just before, or there will be none. */
export type GuestAnswer = 'kept' | 'busy'

export type TellGuest = (answer: GuestAnswer) => void

/** Bytes of a line that is looked at; what is longer is no signal. */
const longestLine = 64
/**
 * Between two looks at what arrived, and longer after much, so that a guest that never stops talking is read at 16 kB a second,
 * and costs no processor; the rest waits in the guest.
 */
const restMs = (bytes: number) => 100 + bytes / 16
const againMs = 2000
const complainMs = 60_000

/**
 * Listens to the guest until closed, and connects again when the connection ends. The guest is not to be trusted: of what
 * it sends at once, each signal counts once, and anything else is a line in the log, at most one a minute. It need not
 * read its answers either: while one waits, the next ones are dropped.
 */
export function listenToGuest(
  path: string,
  onSignal: (signal: GuestSignal, tell: TellGuest) => void,
): { close: () => void } {
  let socket: Socket | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const complain = throttle(complainMs, () =>
    log.info('The operating system sent a signal that Deskvisor does not know; it is ignored.'),
  )
  const open = () => {
    const cut = signalCutter()
    const current = connectTo(path)
    socket = current
    const tell: TellGuest = (answer) => {
      if (current.writable && current.writableLength === 0) current.write(`${answer}\n`)
    }
    // What goes wrong ends the connection, and that is seen to below.
    current.on('error', () => {})
    current.on('data', (chunk: Buffer) => {
      current.pause()
      timer = setTimeout(() => current.resume(), restMs(chunk.length))
      const { signals, unknown } = cut(chunk)
      if (unknown > 0) complain()
      for (const signal of signals) onSignal(signal, tell)
    })
    current.on('close', () => {
      clearTimeout(timer)
      if (!closed) timer = setTimeout(open, againMs)
    })
  }
  open()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      socket?.destroy()
    },
  }
}

/** Cuts bytes as they arrive into lines; gives which signals were among them, and how many lines were something else. */
export function signalCutter(): (chunk: Buffer) => { signals: Set<GuestSignal>; unknown: number } {
  let line = Buffer.alloc(0)
  let tooLong = false
  return (chunk) => {
    const signals = new Set<GuestSignal>()
    let unknown = 0
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(10, start)
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end)
      tooLong ||= line.length + piece.length > longestLine
      // A copy: a small slice would keep the whole chunk that it was cut from.
      line = tooLong ? Buffer.alloc(0) : Buffer.concat([line, piece])
      if (end === -1) break
      const text = tooLong ? null : line.toString('latin1').trim()
      if (text === 'logout' || text === 'before-update') signals.add(text)
      else if (text !== '') unknown += 1
      line = Buffer.alloc(0)
      tooLong = false
      start = end + 1
    }
    return { signals, unknown }
  }
}
