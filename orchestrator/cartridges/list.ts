import { statSync } from 'node:fs'
import { join } from 'node:path'
import { sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { isInserted } from './console-link/inserted.ts'
import { readDescription } from './description.ts'
import { readCartridge } from './inspect.ts'
import { layout } from './layout.ts'
import { storeEntries } from './names/known.ts'
import { normalName } from './names/names.ts'

export type ListedCartridge = {
  name: string
  title: string
  note: string
  /** Null when cartridge.json is damaged. */
  uuid: string | null
  /** ISO time; null when unknown. */
  created: string | null
  inserted: boolean
  /** Whether it has a golden snapshot. */
  golden: boolean
  /** Size of the present disk as the guest sees it; null when it is damaged. */
  diskBytes: number | null
  /** Size of the disk for data; null when it has none, or is damaged. */
  dataBytes: number | null
  /** One sentence that says why it cannot be played; null when it can. */
  problem: string | null
}

/** Every cartridge by name, damaged ones too. Throws only when the store itself cannot be read. */
export function listCartridges(machine: Machine): ListedCartridge[] {
  return storeEntries(machine)
    .filter((name) => normalName(name) === name)
    .sort((one, other) => one.localeCompare(other))
    .map((name) => ({
      name,
      inserted: isInserted(machine, name),
      ...describe(machine, name),
      ...look(machine, name),
    }))
}

function describe(
  machine: Machine,
  name: string,
): Pick<ListedCartridge, 'title' | 'note' | 'uuid' | 'created' | 'golden'> {
  try {
    const about = readDescription(layout(join(machine.paths.cartridges, name)).description, name)
    const { title, note, uuid, created, golden } = about
    return { title: title ?? name, note, uuid, created, golden: golden !== null }
  } catch {
    // What is wrong with it is said by the look at the whole.
    return { title: name, note: '', uuid: null, created: null, golden: false }
  }
}

function look(machine: Machine, name: string): Pick<ListedCartridge, 'diskBytes' | 'dataBytes' | 'problem'> {
  try {
    const { disk, dataDisk } = readCartridge(machine, name)
    const dataBytes = dataDisk === null ? null : statSync(dataDisk).size
    return { diskBytes: statSync(disk).size, dataBytes, problem: null }
  } catch (error) {
    return { diskBytes: null, dataBytes: null, problem: sentenceOf(error) }
  }
}
