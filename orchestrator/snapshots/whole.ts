import { cartridgeAtState } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import { shown } from './errors.ts'
import { type Places, snapshotPath } from './places.ts'

/** Everything that a console needs must be in it. Throws `no-such-snapshot`, `snapshot-damaged`. */
export function expectWhole(places: Places, snapshot: string): void {
  const path = snapshotPath(places, snapshot)
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
