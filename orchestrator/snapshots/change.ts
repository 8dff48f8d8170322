import { type OpenedCartridge, openCartridge, withCartridgeLock } from '../cartridges/index.ts'
import { isErrno } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { asSnapshotError } from './errors.ts'
import { ensureFolder } from './folders.ts'
import { sweep } from './sweep.ts'

/**
 * One change of a cartridge's timeline: with its lock held, and with what a crash left behind out of the way.
 * `waitMs`: how long to wait for another change, for what should not fail because a size is being noted.
 * Throws DeskvisorError `no-such-cartridge`, `busy`, `read-only`, `no-space`, `timeline-failed`, `timeline-unusable`.
 */
export async function changing<Result>(
  machine: Machine,
  name: string,
  work: (opened: OpenedCartridge) => Promise<Result> | Result,
  { waitMs = 0 } = {},
): Promise<Result> {
  const opened = openCartridge(machine, name)
  try {
    const change = async () => {
      await sweep(opened)
      for (const folder of [opened.states, opened.snapshots, opened.timeline]) ensureUnlessFull(folder)
      return work(opened)
    }
    return await withCartridgeLock(machine, opened.name, change, { waitMs })
  } catch (error) {
    throw asSnapshotError(error)
  }
}

/** On a full disk much can still be done without the folder, removing snapshots above all. */
function ensureUnlessFull(folder: string): void {
  try {
    ensureFolder(folder)
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error
  }
}
