import { type CartridgeInfo, DeskvisorError } from '../../../orchestrator/api/contract.ts'
import type { Person } from '../../person.ts'
import { tell } from '../../questions.ts'
import { titleOf } from '../../system-words.ts'
import { gigabytes } from '../../words.ts'

const TITLE = 'Disk for data'

/** Asks for a size and gives an operating system a disk for data, or makes the one that it has larger. */
export async function changeDataDisk(person: Person, system: CartridgeInfo): Promise<void> {
  const typed = await person.askText({ title: TITLE, text: questionOf(system), value: '', longest: 12 })
  if (typed === null) return
  const { created } = await person.perform(TITLE, async () => {
    const bytes = typedGigabytes(typed)
    if (bytes !== null) return person.api.setDataDisk(system.name, bytes)
    throw new DeskvisorError('bad-size', 'This is not a size.', {
      hint: 'Type a number of gigabytes, for example 64.',
    })
  })
  const said = created
    ? 'The disk for data is there. The operating system finds it at its next start, empty, and sets it up.'
    : 'The disk for data is larger. The operating system sees that at its next start.'
  await tell(person, TITLE, [said])
}

/** What is asked; a paragraph each. */
function questionOf(system: CartridgeInfo): string[] {
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

/** Bytes of `64`, `64 GB` or `1.5 TB` (powers of 1024, as everywhere in the menu); null for anything else. */
function typedGigabytes(typed: string): number | null {
  const [, number, unit = 'g'] = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*(?:([mgt])i?b?)?$/i.exec(typed.trim()) ?? []
  if (number === undefined) return null
  const power = { m: 20, g: 30, t: 40 }[unit.toLowerCase()] ?? 30
  const bytes = Math.floor(Number(number.replace(',', '.')) * 2 ** power)
  return bytes > 0 ? bytes : null
}
