import { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fairSeconds } from '../fair-time.ts'

export type QmpEvent = { event: string; data?: Record<string, unknown>; timestamp: { seconds: number } }

type Pending = { resolve(value: unknown): void; reject(error: Error): void }

/**
 * A QEMU monitor connection, https://www.qemu.org/docs/master/interop/qmp-spec.html.
 * Emits `event` with a QmpEvent and `close` when QEMU is gone.
 */
export class Qmp extends EventEmitter {
  readonly #socket: Socket
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #closed = false

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    // It passes on the socket's errors, too.
    createInterface({ input: socket })
      .on('line', (line) => this.#line(line))
      .on('error', () => undefined)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#close())
  }

  /** Runs one command. Rejects with QEMU's own description, or when QEMU has gone. */
  command<T = unknown>(name: string, args: Record<string, unknown> = {}): Promise<T> {
    if (this.#closed) return Promise.reject(new Error(`QMP ${name}: QEMU is gone`))
    const id = this.#nextId++
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, {
        resolve: (value) => resolve(value as T),
        reject: (error) => reject(new Error(`QMP ${name}: ${error.message}`)),
      })
      this.#socket.write(`${JSON.stringify({ execute: name, arguments: args, id })}\n`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #line(line: string): void {
    const message = JSON.parse(line) as {
      id?: number
      return?: unknown
      error?: { desc: string }
      event?: string
    }
    if (message.event) this.emit('event', message as QmpEvent)
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id)
    if (!pending || message.id === undefined) return
    this.#pending.delete(message.id)
    if (message.error) pending.reject(new Error(message.error.desc))
    else pending.resolve(message.return)
  }

  #close(): void {
    this.#closed = true
    for (const pending of this.#pending.values()) pending.reject(new Error('QEMU is gone'))
    this.#pending.clear()
    this.emit('close')
  }
}

/** Connects and leaves negotiation mode. */
export async function connectQmp(path: string): Promise<Qmp> {
  const qmp = new Qmp(await connectSocket(path))
  await qmp.command('qmp_capabilities')
  return qmp
}

/** Connects to a unix socket that QEMU is about to open; gives up after `limitS` fair seconds. */
export async function connectSocket(path: string, limitS = 20): Promise<Socket> {
  const end = fairSeconds() + limitS
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path)
        socket.once('connect', () => resolve(socket))
        socket.once('error', reject)
      })
    } catch (error) {
      if (fairSeconds() > end) throw new Error(`Nothing listens on ${path}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
