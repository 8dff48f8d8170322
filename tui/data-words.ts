import { type Api, type CartridgeInfo, DeskvisorError } from '../orchestrator/api/index.ts'
import { titleOf } from './system-words.ts'
import { gigabytes } from './words.ts'

/** What is asked before an operating system gets a disk for data, or a larger one; a paragraph each. */
export function dataDiskQuestion(system: CartridgeInfo): string[] {
  const { dataBytes } = system
  if (dataBytes === null) {
    return [
      `A disk for the data of ${titleOf(system)}. How many GB shall it have?`,
      'Files on it stay when you go back, and when it starts fresh. It takes space only as it is filled.',
    ]
  }
  return [
    `The disk for data of ${titleOf(system)} has ${gigabytes(dataBytes)}. How many GB shall it have?`,
    'It can only be made larger. What is on it stays.',
  ]
}

export function dataDiskSaid(created: boolean): string {
  return created
    ? 'The disk for data is there. The operating system finds it at its next start, empty, and sets it up.'
    : 'The disk for data is larger. The operating system sees that at its next start.'
}

/** Throws DeskvisorError `bad-size` for what is no size, and what the API throws. */
export async function setDataDisk(
  api: Api,
  { name }: CartridgeInfo,
  typed: string,
): Promise<{ created: boolean }> {
  const bytes = typedGigabytes(typed)
  if (bytes !== null) return api.setDataDisk(name, bytes)
  throw new DeskvisorError('bad-size', 'This is not a size.', {
    next: 'Type a number of gigabytes, for example 64.',
  })
}

/** Bytes of `64`, `64 GB` or `1.5 TB` (powers of 1024, as everywhere in the menu); null for anything else. */
export function typedGigabytes(typed: string): number | null {
  const [, number, unit = 'g'] = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*(?:([mgt])i?b?)?$/i.exec(typed.trim()) ?? []
  if (number === undefined) return null
  const power = { m: 20, g: 30, t: 40 }[unit.toLowerCase()] ?? 30
  const bytes = Math.floor(Number(number.replace(',', '.')) * 2 ** power)
  return bytes > 0 ? bytes : null
}
