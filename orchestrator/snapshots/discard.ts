import { renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { StateStore } from '../cartridges/index.ts'
import { syncFolder } from '../host/atomic.ts'

/** What begins like this is unfinished or doomed; whoever holds the cartridge's lock may remove it. */
export const leftoverPrefix = '.new-'

/** Removes a state or snapshot. It is doomed by another name first, so a crash leaves all of it or none. */
export async function discard(store: StateStore, path: string): Promise<void> {
  const doomed = join(dirname(path), leftoverPrefix + basename(path))
  await store.remove(doomed)
  renameSync(path, doomed)
  syncFolder(dirname(path))
  await store.remove(doomed)
}
