import { cartridgeAtState, expectShared } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import { shown } from './errors.ts'
import { type Places, snapshotPath } from './places.ts'

/**
 * Everything that a console needs must be in it. Throws `no-such-snapshot`, `snapshot-damaged`, and `cartridge-damaged` for
 * what no other moment would mend.
 */
export function expectWhole(places: Places, snapshot: string): void {
  const path = snapshotPath(places, snapshot)
  try {
    expectShared(places.root, places.name)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
    throw new DeskvisorError('cartridge-damaged', error.message, {
      hint: `Every moment shares this file, so no other one helps. Put it right in a shell on this machine, in ${shown(places.folder)}.`,
      cause: error,
    })
  }
  try {
    cartridgeAtState(places.root, places.name, path)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
    throw new DeskvisorError('snapshot-damaged', `${shown(snapshot)} cannot be used: ${error.message}`, {
      hint: 'Choose another moment.',
      cause: error,
    })
  }
}
