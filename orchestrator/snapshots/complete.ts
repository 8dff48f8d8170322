import { cartridgeAtState, expectShared, type OpenedCartridge } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import { shown } from '../host/plain-text.ts'
import { snapshotPath } from './folders.ts'

/**
 * Everything that a console needs must be in it. Throws `no-such-snapshot`, `snapshot-damaged`, and `cartridge-damaged` for
 * what no other snapshot would mend.
 */
export function expectComplete(opened: OpenedCartridge, snapshot: string): void {
  const path = snapshotPath(opened, snapshot)
  try {
    expectShared(opened.machine, opened.name)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
    throw new DeskvisorError('cartridge-damaged', error.message, {
      next: `Every moment shares this file, so no other one helps. Put it right in a shell on this machine, in ${shown(opened.folder)}.`,
      cause: error,
    })
  }
  try {
    cartridgeAtState(opened.machine, opened.name, path)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
    throw new DeskvisorError('snapshot-damaged', `${shown(snapshot)} cannot be used: ${error.message}`, {
      next: 'Choose another moment.',
      snapshot: snapshot,
      cause: error,
    })
  }
}
