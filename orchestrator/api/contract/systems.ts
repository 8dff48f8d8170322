import type { Static } from 'typebox'
import { closed, count, orNull, text, yes } from './parts.ts'
import { trying } from './snapshots.ts'

export const cartridge = closed({
  name: text(),
  title: text(),
  note: text(),
  inserted: yes('the console plays it at its next start'),
  running: yes('the console plays it now'),
  problem: orNull(text(), 'one sentence that says why it cannot be played; null when it can'),
  diskBytes: orNull(count('bytes'), 'the size of its disk'),
  dataBytes: orNull(
    count('bytes'),
    'the size of its disk for data, which going back and resetting leave alone; null when it has none',
  ),
  snapshots: count('how many moments are kept'),
  golden: yes('one of its moments is the golden one'),
  reset: yes('it returns to the golden moment at every start'),
  trying,
})

export type CartridgeInfo = Static<typeof cartridge>

export const trashed = closed({
  entry: text('what restoreCartridge calls it'),
  name: text('what it was called'),
  deletedAt: text('ISO 8601, UTC'),
})

export type TrashedCartridge = Static<typeof trashed>

/** Something to import: a plugged-in disk, or a disk image on one. */
export const importSource = closed({ path: text(), text: text(), bytes: count('bytes') })

export type ImportSource = Static<typeof importSource>
