import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../host/atomic.ts'
import type { Clock } from '../host/clock.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { tryLock } from '../host/native.ts'
import { shown } from '../host/plain-text.ts'
import { storageError } from '../host/storage-error.ts'
import { finishChanges } from './console-link/inserted.ts'
import { normalName } from './names/names.ts'

/** The locks that the code that runs now was started under; one that has ended counts no more. */
const held = new AsyncLocalStorage<readonly { folder: string; ended: boolean }[]>()

/** Nothing under the store's lock takes long, so who comes second waits for it. */
const shortWaitMs = 2000

type Work<Result> = () => Promise<Result> | Result

/**
 * Runs one change of the list of cartridges at a time: names are taken and given up under this lock, and never anything
 * long. The lock is flock(2) on the folder itself: the kernel frees it when the holder ends, however it ends, so there
 * is nothing to clean after a crash. (That one console plays at a time needs no lock of ours: systemd has one
 * deskvisor-console.service, and QEMU locks disk.raw.) What runs under it may take it again.
 * `waitMs`: how long to wait for another holder. Throws DeskvisorError `busy`, `store-unusable`, and `read-only` or
 * `no-space` for work that the data partition refused.
 */
export async function withStoreLock<Result>(
  machine: Machine,
  work: Work<Result>,
  { waitMs = shortWaitMs } = {},
): Promise<Result> {
  const busy = 'Another change of the operating systems is under way.'
  return withLock(machine, storeFolder(machine), busy, waitMs, () => {
    finishChanges(machine)
    return work()
  })
}

/** The folder of operating systems, made when it is missing. Throws DeskvisorError `read-only`, `no-space`, `store-unusable`. */
export function storeFolder(machine: Machine): string {
  const folder = machine.paths.cartridges
  try {
    makeFolder(folder)
  } catch (error) {
    throw storeUnusable(error)
  }
  return folder
}

/**
 * Runs one change of one cartridge at a time, in the same way; long work may run under it, so nobody waits unless `waitMs`
 * says so. `name` is the exact name. Throws DeskvisorError `busy` when another change is under way, `no-such-cartridge`
 * (exit 2), `read-only`, `no-space`.
 */
export async function withCartridgeLock<Result>(
  machine: Machine,
  name: string,
  work: Work<Result>,
  { waitMs = 0 } = {},
): Promise<Result> {
  if (normalName(name) !== name) throw noSuchCartridge(name)
  const busy = `Another change of the operating system ${shown(name)} is under way.`
  return withLock(machine, join(machine.paths.cartridges, name), busy, waitMs, work)
}

/** An open, locked folder, or undefined when somebody else has the lock. To be closed by the caller. */
export function lockFolder(folder: string): number | undefined {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    if (tryLock(descriptor)) return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  closeSync(descriptor)
  return undefined
}

async function withLock<Result>(
  { clock }: Machine,
  folder: string,
  busy: string,
  waitMs: number,
  work: Work<Result>,
): Promise<Result> {
  const holding = held.getStore() ?? []
  if (holding.some((lock) => lock.folder === folder && !lock.ended)) return work()
  const descriptor = await untilLocked(clock, folder, busy, waitMs)
  const lock = { folder, ended: false }
  try {
    if (!isStillThere(folder, descriptor)) throw noSuchCartridge(folder)
    return await held.run([...holding, lock], work)
  } catch (error) {
    throw storageError(error) ?? error
  } finally {
    lock.ended = true
    closeSync(descriptor)
  }
}

async function untilLocked(clock: Clock, folder: string, busy: string, waitMs: number): Promise<number> {
  for (const deadline = clock.monotonicMs() + waitMs; ; await clock.sleep(20)) {
    const descriptor = openLocked(folder)
    if (descriptor !== undefined) return descriptor
    if (clock.monotonicMs() >= deadline) {
      throw new DeskvisorError('busy', busy, { hint: 'Wait for it to end, then try again.' })
    }
  }
}

function openLocked(folder: string): number | undefined {
  try {
    return lockFolder(folder)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw noSuchCartridge(folder)
    throw storeUnusable(error)
  }
}

/** Between opening and locking, the folder may have been renamed or deleted. */
function isStillThere(folder: string, descriptor: number): boolean {
  const stats = statSync(folder, { throwIfNoEntry: false })
  const own = fstatSync(descriptor)
  return stats?.ino === own.ino && stats.dev === own.dev
}

export function noSuchCartridge(folderOrName: string): DeskvisorError {
  const name = shown(folderOrName.split('/').at(-1) ?? '')
  return new DeskvisorError('no-such-cartridge', `There is no operating system with the name ${name}.`, {
    hint: 'deskvisor cartridge list shows what there is.',
    exitCode: 2,
  })
}

function storeUnusable(error: unknown): DeskvisorError {
  const sentence = `The folder of operating systems cannot be used: ${sentenceOf(error)}.`
  return storageError(error) ?? new DeskvisorError('store-unusable', sentence)
}
