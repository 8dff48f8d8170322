import { closeSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { lockFolder, withStoreLock } from './lock.ts'
import { stateStore } from './store/index.ts'
import { listTrash } from './trash.ts'

/**
 * Removes what is in the trash for good, oldest first, until `enough` says so after one; all of it unless given. Each one
 * leaves the trash before it is taken apart: a crash leaves it whole, or a leftover that the next import sweeps.
 */
export async function emptyTrash(
  root: string,
  { enough = async () => false }: { enough?: () => Promise<boolean> } = {},
): Promise<{ removed: string[] }> {
  const removed: string[] = []
  for (const { entry } of listTrash(root).reverse()) {
    if (!(await removeForGood(root, entry))) continue
    removed.push(entry)
    if (await enough()) break
  }
  return { removed }
}

async function removeForGood(root: string, entry: string): Promise<boolean> {
  const { cartridges } = paths(root)
  const doomed = join(cartridges, entry.replace('.trash-', '.new-'))
  await stateStore(cartridges).remove(doomed)
  const descriptor = await withStoreLock(root, () => takeOut(join(cartridges, entry), doomed), {
    waitMs: 2000,
  })
  if (descriptor === undefined) return false
  try {
    await stateStore(cartridges).remove(doomed)
  } finally {
    closeSync(descriptor)
  }
  return true
}

/** Somebody else may have restored or removed it in between: then undefined. */
function takeOut(from: string, doomed: string): number | undefined {
  try {
    renameSync(from, doomed)
    return lockFolder(doomed)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
