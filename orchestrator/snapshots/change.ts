import { type StateStore, stateStore, withCartridgeLock } from '../cartridges/index.ts'
import { isErrno } from '../host/errors.ts'
import { asSnapshotError } from './errors.ts'
import { ensureFolder, type Places, placesOf } from './places.ts'
import { sweep } from './sweep.ts'

/**
 * One change of a cartridge's timeline: with its lock held, and with what a crash left behind out of the way.
 * `waitMs`: how long to wait for another change, for what should not fail because a size is being noted.
 * Throws DeskvisorError `no-such-cartridge`, `busy`, `read-only`, `no-space`, `timeline-failed`, `timeline-unusable`.
 */
export async function changing<Result>(
  root: string,
  name: string,
  work: (places: Places, store: StateStore) => Promise<Result> | Result,
  { waitMs = 0 } = {},
): Promise<Result> {
  const places = placesOf(root, name)
  try {
    const change = async () => {
      const store = stateStore(places.folder)
      await sweep(places, store)
      for (const folder of [places.states, places.snapshots, places.timeline]) ensureUnlessFull(folder)
      return work(places, store)
    }
    return await withCartridgeLock(root, places.name, change, { waitMs })
  } catch (error) {
    throw asSnapshotError(error)
  }
}

/** On a full disk much can still be done without the folder, removing moments above all. */
function ensureUnlessFull(folder: string): void {
  try {
    ensureFolder(folder)
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error
  }
}
