import { isBtrfs } from '../../host/btrfs.ts'
import { oneLine } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { run } from '../../host/process.ts'
import { btrfsStore } from './btrfs.ts'
import type { StateStore } from './types.ts'

export type { CopyOptions, StateStore } from './types.ts'

/** The store that fits the filesystem of `folder`, which must exist (else an errno of statfs(2) is thrown). */
export function stateStore(folder: string): StateStore {
  if (isBtrfs(folder)) return { ...btrfsStore, settle }
  // Loaded where it is used: the usual machine has btrfs, and every boot loads this file.
  const copying = () => import('./copy.ts')
  return {
    kind: 'copy',
    create: async (path) => (await copying()).createFolder(path),
    copy: async (from, to, options) => (await copying()).copyFolder(from, to, options),
    copiesFast: async (path) => (await import('./copies-fast.ts')).copiesFast(path),
    remove: async (path) => (await copying()).removeFolder(path),
    discard: async (doomed) => (await copying()).discardFolders(doomed),
    settle,
  }
}

/** syncfs(2), in a process of its own: it lasts as long as the disk is slow. Of a btrfs it also commits the transaction. */
async function settle(path: string): Promise<void> {
  const { status, stderr } = await run('sync', ['--file-system', path])
  if (status !== 0) log.warning(`What was written is not written back before the copy: ${oneLine(stderr)}`)
}
