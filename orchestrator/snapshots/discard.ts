import { renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { StateStore } from '../cartridges/index.ts'
import { syncFolder } from '../host/atomic.ts'

/**
 * What begins like this is unfinished or doomed; whoever holds the cartridge's lock may remove it. Why the rest of the name
 * is no secret: cartridges/store/index.ts.
 */
export const leftoverPrefix = '.new-'

/** Removes a state or snapshot. It is doomed by another name first, so a crash leaves all of it or none. */
export async function discard(store: StateStore, path: string): Promise<void> {
  await discardAll(store, [path])
}

/** The same for some of one folder: each is left as a whole or not at all. All are doomed before the disk is waited for, once. */
export async function discardAll(store: StateStore, paths: readonly string[]): Promise<void> {
  const [first] = paths
  if (first === undefined) return
  const doomed = (path: string) => join(dirname(path), leftoverPrefix + basename(path))
  for (const path of paths) await store.remove(doomed(path))
  for (const path of paths) renameSync(path, doomed(path))
  syncFolder(dirname(first))
  for (const path of paths) await store.remove(doomed(path))
}
