import type { Status } from '../../../orchestrator/api/contract.ts'
import type { Person } from '../../person.ts'
import { sanitize } from '../../terminal/sanitize.ts'
import { clip, indent, type Line, line, wrap } from '../../terminal/text.ts'

type Device = Status['passthrough'][number]

/** Which devices the desktop gets and which stay with the host, each with its reason. */
export function readDevices(person: Person): Promise<void> {
  return person.readPage({
    title: 'Devices',
    help: [
      'The desktop works directly with the devices that it gets: usually the graphics card, sound, and what is plugged into USB.',
      'Everything else stays with the small system below the desktop. The line under each device says why.',
      'To keep a device from the desktop, write its number (for example 0000:03:00.0) into deskvisor.toml: [passthrough] keep.',
    ],
    draw: (width) => deviceLines(person.machine.known.status, width),
    sentences: async () => deviceSentences(await person.machine.status()),
  })
}

/** The list as lines of at most `width` cells. */
function deviceLines(status: Status | null, width: number): Line[] {
  if (status === null) return [line(''), ...paragraph('Looking at this computer...', width)]
  const devices = status.passthrough
  if (devices.length === 0) {
    return [line(''), ...paragraph('No device was found.', width)]
  }
  return [
    ...group(
      'The desktop gets',
      devices.filter(({ given }) => given),
      width,
    ),
    ...group(
      'Stays with the host',
      devices.filter(({ given }) => !given),
      width,
    ),
  ]
}

function group(title: string, devices: Device[], width: number): Line[] {
  if (devices.length === 0) return [line(''), line(clip(`${title}: nothing`, width), 'label')]
  return [
    line(''),
    line(clip(`${title}:`, width), 'label'),
    ...devices.flatMap((device) => entry(device, width)),
  ]
}

/** The description with the address at its right where there is room, and the reason below. */
function entry(device: Device, width: number): Line[] {
  const [name = '', reason = '', address = ''] = [device.description, device.reason, device.address].map(
    sanitize,
  )
  const room = width - address.length - 2
  const wide = room >= 30
  const first = wide ? `${clip(name, room).padEnd(room)}  ${address}` : name
  const texts = wide ? [reason] : [address, reason]
  return [
    line(clip(first, width), 'strong'),
    ...texts.flatMap((text) => wrap(text, Math.max(1, width - 2), 3).map((row) => indent(2, line(row)))),
  ]
}

function paragraph(text: string, width: number): Line[] {
  return wrap(text, width).map((row) => line(row))
}

/** The same list for the menu on lines of text. */
function deviceSentences({ passthrough }: Status): string[] {
  if (passthrough.length === 0) return ['No device was found.']
  return passthrough.map(({ address, description, given, reason }) => {
    const [name = '', why = '', where = ''] = [description, reason, address].map(sanitize)
    return `${given ? 'The desktop gets' : 'Stays with the host'}: ${name}, ${where}. ${why}`
  })
}
