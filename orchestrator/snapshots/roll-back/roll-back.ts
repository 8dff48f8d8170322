import { accessSync, constants } from 'node:fs'
import { nextStateNumber, type OpenedCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { changing } from '../change.ts'
import { expectComplete } from '../complete.ts'
import { refuseWhilePlayed } from '../playing.ts'
import { refuseWhileResetting } from '../start/resetting.ts'
import { newSnapshot } from '../take/save.ts'
import { readTimeline } from '../timeline/timeline.ts'
import { readTry } from '../try/try-record.ts'
import type { LongWork, Snapshot } from '../types.ts'
import { withOwnRoom } from './own-room.ts'
import { replacePresent } from './replace.ts'

/** A going back waits so long for another change: the desktop was shut down for it. */
const timeouts = { waitMs: 2000 }

/**
 * Everything that would make `rollBack` refuse and can be known beforehand, for whoever shuts a desktop down for it.
 * Throws the same.
 */
export async function expectRollBack(machine: Machine, name: string, snapshot: string): Promise<void> {
  await changing(machine, name, (opened) => expectReturn(opened, snapshot), timeouts)
}

/** The same for `undoRollBack`. */
export async function expectUndo(machine: Machine, name: string): Promise<void> {
  await changing(machine, name, (opened) => expectReturn(opened, expectSaved(opened)), timeouts)
}

/**
 * Makes a snapshot the present. The present before becomes a before-rollback snapshot, `saved`, so this can be undone;
 * null in a cartridge that had lost its present. A snapshot that was about to be tried is not tried any more.
 * Throws DeskvisorError `no-such-cartridge`, `no-such-snapshot` (both exit 2), `resets-every-start`, `snapshot-damaged`,
 * `in-use`, `busy`, `no-space`, `read-only`; nothing was changed then. An abort throws the signal's reason.
 */
export async function rollBack(
  machine: Machine,
  name: string,
  snapshot: string,
  options: LongWork = {},
): Promise<{ saved: Snapshot | null }> {
  const work = async (opened: OpenedCartridge) => ({
    saved: await returnTo(opened, snapshot, options),
  })
  return changing(machine, name, work, timeouts)
}

/** Returns to the present before the last rolling back. Also throws DeskvisorError `nothing-to-undo`. */
export async function undoRollBack(
  machine: Machine,
  name: string,
  options: LongWork = {},
): Promise<{ saved: Snapshot | null; returnedTo: string }> {
  const work = async (opened: OpenedCartridge) => {
    const returnedTo = expectSaved(opened)
    return { saved: await returnTo(opened, returnedTo, options), returnedTo }
  }
  return changing(machine, name, work, timeouts)
}

/** The present before the last rolling back. Throws `nothing-to-undo`. */
function expectSaved(opened: OpenedCartridge): string {
  const { machine, name } = opened
  const { undo } = readTimeline(machine, name)
  if (undo !== null) return undo
  refuseWhileResetting(opened)
  throw new DeskvisorError(
    'nothing-to-undo',
    `${shown(name)} was not rolled back, so there is nothing to undo.`,
  )
}

/** The snapshot is whole, and the disk can be written to (access(2) says EROFS also to root). */
function expectReturn(opened: OpenedCartridge, snapshot: string): void {
  refuseWhileResetting(opened, snapshot)
  expectComplete(opened, snapshot)
  accessSync(opened.folder, constants.W_OK)
}

async function returnTo(opened: OpenedCartridge, snapshot: string, work: LongWork): Promise<Snapshot | null> {
  expectReturn(opened, snapshot)
  const before = opened.present()
  const expectFree = () => refuseWhilePlayed(opened.machine, opened.name, before)
  await expectFree()
  const trying = readTry(opened)
  const now = new Date()
  return withOwnRoom(opened, () =>
    replacePresent({
      opened,
      before,
      saveAs: before && newSnapshot(opened, 'before-rollback', now),
      number: nextStateNumber(opened.folder),
      from: snapshot,
      givenUp: trying?.phase === 'armed' ? trying : null,
      expectFree,
      now,
      ...work,
    }),
  )
}
