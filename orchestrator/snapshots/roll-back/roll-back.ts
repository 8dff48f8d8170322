import { accessSync, constants } from 'node:fs'
import { nextStateNumber, type StateStore } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { changing } from '../change.ts'
import { shown } from '../errors.ts'
import { type Places, presentState } from '../places.ts'
import { refuseWhilePlayed } from '../playing.ts'
import { refuseWhileResetting } from '../start/resetting.ts'
import { newSnapshot } from '../take/save.ts'
import { readTimeline } from '../timeline/timeline.ts'
import { readTry } from '../try/try-record.ts'
import type { LongWork, Snapshot } from '../types.ts'
import { expectWhole } from '../whole.ts'
import { withOwnRoom } from './own-room.ts'
import { replacePresent } from './replace.ts'

/** A going back waits so long for another change: the desktop was shut down for it. */
const patience = { waitMs: 2000 }

/**
 * Everything that would make `rollBack` refuse and can be known beforehand, for whoever shuts a desktop down for it.
 * Throws the same.
 */
export async function expectRollBack(root: string, name: string, snapshot: string): Promise<void> {
  await changing(root, name, (places) => expectReturn(places, snapshot), patience)
}

/** The same for `undoRollBack`. */
export async function expectUndo(root: string, name: string): Promise<void> {
  await changing(root, name, (places) => expectReturn(places, expectSaved(places)), patience)
}

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
  const work = async (places: Places, store: StateStore) => ({
    saved: await returnTo(places, store, snapshot, options),
  })
  return changing(root, name, work, patience)
}

/** Returns to the present before the last rolling back. Also throws DeskvisorError `nothing-to-undo`. */
export async function undoRollBack(
  root: string,
  name: string,
  options: LongWork = {},
): Promise<{ saved: Snapshot | null; returnedTo: string }> {
  const work = async (places: Places, store: StateStore) => {
    const returnedTo = expectSaved(places)
    return { saved: await returnTo(places, store, returnedTo, options), returnedTo }
  }
  return changing(root, name, work, patience)
}

/** The present before the last rolling back. Throws `nothing-to-undo`. */
function expectSaved(places: Places): string {
  const { root, name } = places
  const { undo } = readTimeline(root, name)
  if (undo !== null) return undo
  refuseWhileResetting(places)
  throw new DeskvisorError(
    'nothing-to-undo',
    `${shown(name)} was not rolled back, so there is nothing to undo.`,
  )
}

/** The moment is whole, and the disk can be written to (access(2) says EROFS also to root). */
function expectReturn(places: Places, snapshot: string): void {
  refuseWhileResetting(places, snapshot)
  expectWhole(places, snapshot)
  accessSync(places.folder, constants.W_OK)
}

async function returnTo(
  places: Places,
  store: StateStore,
  snapshot: string,
  work: LongWork,
): Promise<Snapshot | null> {
  expectReturn(places, snapshot)
  const before = presentState(places)
  const expectFree = () => refuseWhilePlayed(places.root, places.name, before)
  await expectFree()
  const trying = readTry(places)
  const now = new Date()
  return withOwnRoom(places, store, () =>
    replacePresent({
      places,
      store,
      before,
      saveAs: before && newSnapshot(places, 'before-rollback', now),
      number: nextStateNumber(places.folder),
      from: snapshot,
      givenUp: trying?.phase === 'armed' ? trying : null,
      expectFree,
      now,
      ...work,
    }),
  )
}
