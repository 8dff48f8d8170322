import { closeSync, readSync, writeSync } from 'node:fs'
import { type Call, callMessage, type Reply, readReply } from './bus-message.ts'
import type { BusValue } from './bus-writer.ts'
import { isErrno, sentenceOf } from './errors.ts'
import { connectUnix } from './native.ts'

/** org.freedesktop.systemd1(5). */
const service = 'org.freedesktop.systemd1'
const manager = { path: '/org/freedesktop/systemd1', interface: `${service}.Manager` }

/** A property of a unit: its name on the bus, the signature of its type, its value (org.freedesktop.systemd1(5)). */
export type Property = readonly [name: string, signature: string, value: BusValue]

/**
 * Has systemd start a unit that is made for this once, as systemd-run(1) does: StartTransientUnit. Gives null
 * when systemd took the job, else with its sentence. A program for this would cost as much as a quarter of the whole start.
 * `socket`: where systemd listens for root, beside the bus, which is not there yet when the desktop is started.
 */
export function startTransient(unit: string, properties: readonly Property[], socket: string): string | null {
  const call: Call = {
    ...manager,
    member: 'StartTransientUnit',
    signature: 'ssa(sv)a(sa(sv))',
    body: [unit, 'fail', properties.map(([name, signature, value]) => [name, [signature, value]]), []],
  }
  try {
    const { error, text } = ask(socket, call)
    return error === null ? null : text || error
  } catch (error) {
    return `systemd cannot be asked: ${sentenceOf(error)}`
  }
}

/** "Authentication Protocol": who asks is told by the kernel, and a client need not wait for the answers. */
const greeting = (uid: number) => `\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString('hex')}\r\nBEGIN\r\n`

function ask(socket: string, call: Call): Reply {
  const descriptor = connectUnix(socket)
  try {
    const hello = Buffer.from(greeting(process.getuid?.() ?? 0))
    const bytes = Buffer.concat([hello, callMessage(service, call, 1)])
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
    return answer(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function answer(descriptor: number): Reply {
  let received = Buffer.alloc(0)
  let greeted = false
  const piece = Buffer.alloc(4096)
  for (;;) {
    const count = readSome(descriptor, piece)
    if (count === 0) throw new Error('it closed the connection')
    received = Buffer.concat([received, piece.subarray(0, count)])
    if (!greeted) {
      const end = received.indexOf('\r\n')
      if (end < 0) continue
      if (!received.subarray(0, end).toString().startsWith('OK ')) throw new Error('it does not let us in')
      received = received.subarray(end + 2)
      greeted = true
    }
    for (let message = readReply(received); message; message = readReply(received)) {
      if (message.reply?.serial === 1) return message.reply
      received = received.subarray(message.length)
    }
  }
}

/** A signal, of a child that ended for example, interrupts a read that has a time limit. */
function readSome(descriptor: number, into: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, into)
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
    }
  }
}
