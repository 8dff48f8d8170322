import { join } from 'node:path'
import { writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'
import { readJsonObject } from './checks.ts'
import { maxNoteLength, maxTitleLength } from './description.ts'
import { layout } from './layout.ts'
import { withCartridgeLock } from './lock.ts'
import { knownName } from './names/known.ts'
import { expectSnapshot } from './snapshot.ts'

export type CartridgeChange = {
  /** An empty title: the name is its title again. */
  title?: string
  note?: string
  freeze?: boolean
  reset?: 'every-start' | null
  /** Name of an existing snapshot. */
  golden?: string | null
}

/**
 * Changes what cartridge.json says, atomically; keys that are not known here stay as they are. May be called with the
 * cartridge's lock held. Throws DeskvisorError `bad-description`, `no-such-snapshot`, `no-such-cartridge` (all exit 2),
 * `no-cartridge` when the file is damaged, `busy`.
 */
export async function describeCartridge(
  machine: Machine,
  name: string,
  change: CartridgeChange,
): Promise<void> {
  checkLength('The title', change.title, maxTitleLength)
  checkLength('The note', change.note, maxNoteLength)
  const known = knownName(machine, name)
  await withCartridgeLock(machine, known, () => {
    const places = layout(join(machine.paths.cartridges, known))
    if (typeof change.golden === 'string') expectSnapshot(places.snapshots, change.golden)
    const before = readJsonObject(places.description, `cartridge.json of ${shown(known)}`)
    const after: Record<string, unknown> = { ...before }
    for (const [key, value] of Object.entries(change)) {
      if (value === null || value === '') delete after[key]
      else if (value !== undefined) after[key] = value
    }
    writeFileAtomic(places.description, `${JSON.stringify(after, null, 2)}\n`)
  })
}

function checkLength(what: string, text: string | undefined, maxLength: number): void {
  if (text === undefined || text.length <= maxLength) return
  throw new DeskvisorError('bad-description', `${what} is longer than ${maxLength} characters.`)
}
