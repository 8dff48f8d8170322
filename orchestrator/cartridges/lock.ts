import { closeSync, constants, openSync } from 'node:fs'
import { makeFolder } from '../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { tryLock } from '../host/native.ts'
import { paths } from '../host/paths.ts'

/**
 * Runs one change of the store of cartridges at a time. The lock is flock(2) on the folder itself: the kernel
 * frees it when the holder ends, however it ends, so there is nothing to clean after a crash. (That one console
 * plays at a time needs no lock of ours: systemd has one deskvisor-console.service, and QEMU locks disk.raw.)
 * Throws DeskvisorError `busy` when another change is under way.
 */
export async function withStoreLock<Result>(
  root: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const folder = paths(root).cartridges
  const descriptor = openFolder(folder)
  try {
    if (!tryLock(descriptor)) {
      throw new DeskvisorError('busy', 'Another change of the operating systems is under way.', {
        hint: 'Wait for it to end, then try again.',
      })
    }
    return await work()
  } finally {
    closeSync(descriptor)
  }
}

function openFolder(folder: string): number {
  try {
    makeFolder(folder)
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (error) {
    throw new DeskvisorError(
      'store-unusable',
      `The folder of operating systems cannot be used: ${sentenceOf(error)}.`,
    )
  }
}
