import type { Socket } from 'node:net'
import { DeskvisorError } from '../host/errors.ts'
import { connectTo } from './connect-to.ts'
import { readLines } from './lines.ts'

export type GuestAgent = {
  /**
   * Sends a command and resolves with its result. Rejects with `agent-refused`, or with `agent-silent` after `timeoutMs`;
   * then the connection is over, because its answers cannot be told apart any more.
   */
  execute(command: string, args?: Record<string, unknown>, timeoutMs?: number): Promise<unknown>
  close(): void
}

/** What a guest may say in one conversation, old answers and all: it can talk faster than anybody should listen. */
const most = { bytes: 256 * 1024, lines: 1000 }

type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void }

/**
 * Connects to the guest agent of the console. `guest-sync-delimited` tells fresh answers from old ones; whatever else the
 * guest sends is thrown away: old answers, garbage, endless lines (https://www.qemu.org/docs/master/interop/qemu-ga-ref.html).
 * The socket takes one client at a time. Throws `agent-silent` when the agent gives no sign of life within `timeoutMs`.
 */
export function connectGuestAgent(path: string, timeoutMs = 1500): Promise<GuestAgent> {
  return new Promise((resolve, reject) => {
    const sync = 1 + Math.floor(Math.random() * (2 ** 31 - 1))
    const socket = connectTo(path)
    let synced = false
    let waiting: Waiting | null = null
    const end = (error: DeskvisorError) => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
      waiting?.reject(error)
      waiting = null
    }
    const fail = () => end(silent())
    const timer = setTimeout(fail, timeoutMs)
    const agent = client(socket, fail, (next) => {
      waiting = next
    })
    socket.on('error', fail)
    socket.on('close', fail)
    socket.on('connect', () => {
      // 0xFF makes the agent's parser drop what an earlier, half-sent command left behind.
      socket.write(Buffer.of(0xff))
      send(socket, 'guest-sync-delimited', { id: sync })
    })
    readLines(
      socket,
      (line) => {
        const answer = parse(line)
        if (!synced && answer?.return === sync) {
          synced = true
          clearTimeout(timer)
          resolve(agent)
        } else if (synced && waiting !== null && answer !== null) {
          const { resolve: give, reject: refuse } = waiting
          waiting = null
          if (answer.error === undefined) give(answer.return)
          else refuse(refused(answer.error))
        }
      },
      () => end(talkative()),
      most,
    )
  })
}

function client(socket: Socket, fail: () => void, expect: (next: Waiting) => void): GuestAgent {
  return {
    execute(command, args, timeoutMs = 5000) {
      if (socket.destroyed) return Promise.reject(silent())
      return new Promise((resolve, reject) => {
        const timer = setTimeout(fail, timeoutMs)
        const settled =
          <Value>(then: (value: Value) => void) =>
          (value: Value) => {
            clearTimeout(timer)
            then(value)
          }
        expect({ resolve: settled(resolve), reject: settled(reject) })
        send(socket, command, args)
      })
    },
    close: () => socket.destroy(),
  }
}

/** Asks the guest agent for a sign of life. True when it answered within `timeoutMs`; never throws. */
export async function pingGuestAgent(path: string, timeoutMs = 1500): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  try {
    const agent = await connectGuestAgent(path, timeoutMs)
    try {
      const answer = await agent.execute('guest-ping', undefined, Math.max(1, deadline - performance.now()))
      return typeof answer === 'object' && answer !== null && Object.keys(answer).length === 0
    } finally {
      agent.close()
    }
  } catch {
    return false
  }
}

function send(socket: Socket, execute: string, args?: Record<string, unknown>): void {
  socket.write(`${JSON.stringify({ execute, arguments: args })}\n`)
}

/** An answer; null for anything else. Invalid UTF-8 (the 0xFF in front) reads as U+FFFD. */
function parse(line: string): { return?: unknown; error?: unknown } | null {
  try {
    const value: unknown = JSON.parse(line.replace(/^\uFFFD+/, ''))
    return typeof value === 'object' && value !== null && ('return' in value || 'error' in value)
      ? value
      : null
  } catch {
    return null
  }
}

function refused(error: unknown): DeskvisorError {
  const desc = typeof error === 'object' && error !== null && 'desc' in error ? error.desc : undefined
  const text = typeof desc === 'string' ? desc.slice(0, 300) : 'no description'
  return new DeskvisorError('agent-refused', `The guest agent refused a command: ${text}`)
}

function talkative(): DeskvisorError {
  return new DeskvisorError(
    'agent-silent',
    'The guest agent of the running operating system says much that nobody asked for, and is not listened to any more.',
  )
}

function silent(): DeskvisorError {
  return new DeskvisorError(
    'agent-silent',
    'The guest agent of the running operating system does not answer.',
  )
}
