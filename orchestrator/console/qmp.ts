import type { Socket } from 'node:net'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { connectTo } from './connect-to.ts'
import { readLines } from './lines.ts'

export type QmpEvent = { event: string; data: Record<string, unknown> }

export type Qmp = {
  /** Sends a command and resolves with its result; rejects with `qmp-command` or, after `timeoutMs`, `qmp-silent`. */
  execute(command: string, args?: Record<string, unknown>, timeoutMs?: number): Promise<unknown>
  close(): void
}

type Pending = { resolve: (result: unknown) => void; reject: (error: Error) => void }

/**
 * Connects to QEMU's control socket and agrees on capabilities
 * (https://www.qemu.org/docs/master/interop/qmp-spec.html). Events go to `onEvent`; `onClose` is called once when the
 * connection ends after the greeting, with the reason when the other side broke the protocol.
 * Throws `qmp-unreachable`, `qmp-silent` (nothing within `timeoutMs`) or `qmp-garbage`.
 */
export function connectQmp(
  path: string,
  options: {
    timeoutMs?: number
    onEvent?: (event: QmpEvent) => void
    onClose?: (reason: Error | null) => void
  } = {},
): Promise<Qmp> {
  const { timeoutMs = 5000, onEvent, onClose } = options
  return new Promise((resolve, reject) => {
    const socket = connectTo(path)
    const pending = new Map<number, Pending>()
    let opened = false
    let closed = false
    let reason: Error | null = null
    let greeted = false
    const timer = setTimeout(() => fail(silent(path, timeoutMs)), timeoutMs)
    const qmp = client(socket, pending, () => closed)

    const fail = (error: Error) => {
      reason ??= error
      socket.destroy()
    }
    const onMessage = (message: Record<string, unknown>) => {
      if (!greeted) {
        if (!isObject(message.QMP)) return fail(garbage('it began without a greeting'))
        greeted = true
        qmp.execute('qmp_capabilities', undefined, timeoutMs).then(() => {
          clearTimeout(timer)
          opened = true
          resolve(qmp)
        }, fail)
      } else if (typeof message.event === 'string') {
        onEvent?.({ event: message.event, data: isObject(message.data) ? message.data : {} })
      } else {
        settle(pending, message)
      }
    }
    socket.on('error', (error) => {
      // QEMU ends without reading its last input, which resets the connection: an end like any other.
      if (opened) return
      reason ??= new DeskvisorError('qmp-unreachable', `QEMU cannot be reached: ${sentenceOf(error)}`)
    })
    socket.on('close', () => {
      closed = true
      clearTimeout(timer)
      const error = reason ?? new DeskvisorError('qmp-closed', 'QEMU closed its control socket.')
      for (const { reject: give } of pending.values()) give(error)
      pending.clear()
      if (opened) onClose?.(reason)
      else reject(error)
    })
    readLines(
      socket,
      (line) => {
        const message = parse(line)
        if (message === null) fail(garbage('it sent what is not a JSON object'))
        else onMessage(message)
      },
      () => fail(garbage('it sent a line of more than 64 KiB')),
    )
  })
}

function client(socket: Socket, pending: Map<number, Pending>, isClosed: () => boolean): Qmp {
  let lastId = 0
  return {
    execute(command, args, timeoutMs = 5000) {
      if (isClosed()) {
        return Promise.reject(new DeskvisorError('qmp-closed', 'QEMU closed its control socket.'))
      }
      lastId += 1
      const id = lastId
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(id)
          reject(silent(`the command ${command}`, timeoutMs))
        }, timeoutMs)
        const settled =
          <Value>(then: (value: Value) => void) =>
          (value: Value) => {
            clearTimeout(timer)
            then(value)
          }
        pending.set(id, { resolve: settled(resolve), reject: settled(reject) })
        socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
      })
    },
    close: () => socket.destroy(),
  }
}

/** Gives an answer to whoever waits for it. Answers that nobody waits for (any more) are dropped. */
function settle(pending: Map<number, Pending>, message: Record<string, unknown>): void {
  const waiting = typeof message.id === 'number' ? pending.get(message.id) : undefined
  if (waiting === undefined) return
  pending.delete(Number(message.id))
  if (isObject(message.error)) {
    const { desc } = message.error
    const text = typeof desc === 'string' ? desc.slice(0, 500) : 'no description'
    waiting.reject(new DeskvisorError('qmp-command', `QEMU refused a command: ${text}`))
  } else {
    waiting.resolve(message.return)
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function silent(what: string, timeoutMs: number): DeskvisorError {
  return new DeskvisorError('qmp-silent', `QEMU gave no answer within ${timeoutMs / 1000} s (${what}).`)
}

function garbage(what: string): DeskvisorError {
  return new DeskvisorError('qmp-garbage', `QEMU's control socket does not speak QMP: ${what}.`)
}
