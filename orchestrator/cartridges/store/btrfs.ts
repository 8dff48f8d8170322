import { lstatSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { syncFolder } from '../../host/atomic.ts'
import {
  commitFilesystem,
  createSubvolume,
  destroySubvolume,
  isSubvolume,
  setSubvolumeReadOnly,
  snapshotSubvolume,
} from '../../host/btrfs.ts'
import { isErrno } from '../../host/errors.ts'
import type { StateStore } from './types.ts'

/**
 * Subvolumes. Making one, copying one and removing one are each a single ioctl that happens as a whole or not at all, so
 * nothing is made beside and renamed here. No quota groups: they make snapshots slow.
 */
export const btrfsStore: Omit<StateStore, 'settle'> = {
  kind: 'btrfs',
  async create(path) {
    createSubvolume(dirname(path), basename(path))
    syncFolder(dirname(path))
  },
  async copy(from, to, { readOnly, signal }) {
    signal?.throwIfAborted()
    if (isSubvolume(from)) snapshotSubvolume(from, dirname(to), basename(to), { readOnly })
    else await copyPlainFolder(from, to, readOnly, signal)
  },
  copiesFast: async () => true,
  async remove(path) {
    if (isSubvolume(path)) await removeSubvolume(path)
    else await removeFolderOfSubvolumes(path)
  },
  async discard(doomed) {
    for (const path of doomed) await btrfsStore.remove(path)
    const [first] = doomed
    if (first !== undefined) commitFilesystem(dirname(first))
  },
}

/**
 * When a folder was renamed, subvolumes in it are removed, and something else is synced, all in one transaction, the log
 * that a power cut leaves makes the filesystem unmountable: replaying it, Linux (seen in 6.18) takes the folder's
 * subvolumes for files (replay_dir_deletes in fs/btrfs/tree-log.c). So the rename is committed before.
 */
async function removeFolderOfSubvolumes(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  commitFilesystem(dirname(path))
  await (await import('./copy.ts')).removeFolder(path, removeSubvolume)
}

/** A folder that was put here by hand, or by a copy from another filesystem, becomes a subvolume on its way. */
async function copyPlainFolder(
  from: string,
  to: string,
  readOnly: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { copyFolder } = await import('./copy.ts')
  await copyFolder(from, to, {
    readOnly: false,
    signal,
    makeFolder: (path) => createSubvolume(dirname(path), basename(path)),
    finish: (path) => readOnly && setSubvolumeReadOnly(path, true),
  })
}

async function removeSubvolume(path: string): Promise<void> {
  try {
    destroySubvolume(dirname(path), basename(path))
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY')) throw error
    // Somebody made a subvolume inside by hand.
    setSubvolumeReadOnly(path, false)
    const { removeContents } = await import('./copy.ts')
    await removeContents(path, removeSubvolume)
    destroySubvolume(dirname(path), basename(path))
  }
}
