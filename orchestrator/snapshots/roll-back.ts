import { nextStateNumber, type StateStore } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import { changing } from './change.ts'
import { shown } from './errors.ts'
import { type Places, presentState } from './places.ts'
import { refuseWhilePlayed } from './playing.ts'
import { replacePresent } from './replace.ts'
import { refuseWhileResetting } from './resetting.ts'
import { newSnapshot } from './save.ts'
import { readTimeline } from './timeline.ts'
import { dropState, readTry } from './try-record.ts'
import type { LongWork, Snapshot } from './types.ts'
import { expectWhole } from './whole.ts'

/**
 * Makes a snapshot the present. The present before becomes a before-rollback snapshot, `saved`, so this can be undone;
 * null in a cartridge that had lost its present. A moment that was about to be tried is not tried any more.
 * Throws DeskvisorError `no-such-cartridge`, `no-such-snapshot` (both exit 2), `resets-every-start`, `snapshot-damaged`,
 * `in-use`, `busy`, `no-space`, `read-only`; nothing was changed then. An abort throws the signal's reason.
 */
export async function rollBack(
  root: string,
  name: string,
  snapshot: string,
  options: LongWork = {},
): Promise<{ saved: Snapshot | null }> {
  return changing(root, name, async (places, store) => {
    refuseWhileResetting(root, name, snapshot)
    return { saved: await returnTo(places, store, snapshot, options) }
  })
}

/** Returns to the present before the last rolling back. Also throws DeskvisorError `nothing-to-undo`. */
export async function undoRollBack(
  root: string,
  name: string,
): Promise<{ saved: Snapshot | null; returnedTo: string }> {
  return changing(root, name, async (places, store) => {
    const { undo } = readTimeline(root, name)
    refuseWhileResetting(root, name, undo ?? undefined)
    if (undo === null) {
      throw new DeskvisorError(
        'nothing-to-undo',
        `${shown(name)} was not rolled back, so there is nothing to undo.`,
      )
    }
    return { saved: await returnTo(places, store, undo, {}), returnedTo: undo }
  })
}

async function returnTo(
  places: Places,
  store: StateStore,
  snapshot: string,
  work: LongWork,
): Promise<Snapshot | null> {
  expectWhole(places, snapshot)
  const before = presentState(places)
  await refuseWhilePlayed(places.root, places.name, before)
  const trying = readTry(places)
  if (trying?.phase === 'armed') await dropState(places, store, trying)
  const now = new Date()
  return replacePresent({
    places,
    store,
    before,
    saveAs: before && newSnapshot(places, 'before-rollback', now),
    number: nextStateNumber(places.folder),
    from: snapshot,
    now,
    ...work,
  })
}
