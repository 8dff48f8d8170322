// Messages of D-Bus, as far as one asks systemd for something (https://dbus.freedesktop.org/doc/dbus-specification.html).
import { type BusValue, BusWriter } from './bus-writer.ts'

export type Call = { path: string; interface: string; member: string; signature: string; body: BusValue[] }

/** What came back: the values that began the answer as texts, or the name of the error with its sentence. */
export type Reply = { serial: number; error: string | null; text: string }

/** "Message Types", "Header Fields". */
const [methodCall, methodReturn, error] = [1, 2, 3]
const field = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 }
/** Type of message, flags, version, length of the body, serial, length of the fields. */
const fixedBytes = 16

/** A call of a method of the service `destination`, in little-endian byte order. */
export function callMessage(destination: string, call: Call, serial: number): Buffer {
  const body = new BusWriter()
  body.all(call.signature, call.body)
  const message = new BusWriter()
  for (const byte of [0x6c, methodCall, 0, 1]) message.value('y', byte)
  message.value('u', body.length)
  message.value('u', serial)
  message.value('a(yv)', [
    [field.path, ['o', call.path]],
    [field.interface, ['s', call.interface]],
    [field.member, ['s', call.member]],
    [field.destination, ['s', destination]],
    ...(call.signature === '' ? [] : [[field.signature, ['g', call.signature]]]),
  ])
  message.align(8)
  return Buffer.concat([message.bytes(), body.bytes()])
}

/** The first message in these bytes and how many it takes; null when it is not complete yet. Throws for what is none. */
export function readReply(bytes: Buffer): { reply: Reply | null; length: number } | null {
  if (bytes.length < fixedBytes) return null
  if (bytes[0] !== 0x6c) throw new Error('systemd speaks another byte order')
  const header = fixedBytes + bytes.readUInt32LE(12)
  const start = Math.ceil(header / 8) * 8
  const length = start + bytes.readUInt32LE(4)
  if (bytes.length < length) return null
  const type = bytes[1]
  if (type !== methodReturn && type !== error) return { reply: null, length }
  const fields = readFields(bytes.subarray(0, header))
  const text = /^[sog]/.test(String(fields.get(field.signature) ?? '')) ? textAt(bytes, start) : ''
  return {
    reply: {
      serial: Number(fields.get(field.replySerial)),
      error: type === error ? String(fields.get(field.errorName)) : null,
      text,
    },
    length,
  }
}

/** Header fields of a reply; they hold texts and one number. */
function readFields(header: Buffer): Map<number, string | number> {
  const fields = new Map<number, string | number>()
  for (let at = fixedBytes; at < header.length; ) {
    at = Math.ceil(at / 8) * 8
    const code = header[at] ?? 0
    // A variant: the length of its signature, the signature (one letter here), a zero.
    const type = String.fromCharCode(header[at + 2] ?? 0)
    at += 4
    if (type === 'u') {
      fields.set(code, header.readUInt32LE(at))
      at += 4
    } else {
      const short = type === 'g'
      const size = short ? (header[at] ?? 0) : header.readUInt32LE(at)
      at += short ? 1 : 4
      fields.set(code, header.toString('utf8', at, at + size))
      at += size + 1
    }
  }
  return fields
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at + 4, at + 4 + bytes.readUInt32LE(at))
}
