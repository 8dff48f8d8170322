import { closeSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { isLackOfSpace } from '../host/storage-error.ts'
import { lockFolder, withStoreLock } from './lock.ts'
import { stateStore } from './store/index.ts'
import { sweepLeftovers, sweepStore } from './sweep-store.ts'
import { listTrash } from './trash.ts'

/**
 * Removes what crashes left among the cartridges, then what is in the trash for good, oldest first, until `enough` says so
 * after one; all of it unless given. `removed` names what was in the trash. Each one
 * leaves the trash before it is taken apart: a crash leaves it whole, or a leftover that is swept (sweep-store.ts).
 */
export async function emptyTrash(
  root: string,
  { enough }: { enough?: () => Promise<boolean> } = {},
): Promise<{ removed: string[] }> {
  const removed: string[] = []
  // Where space is short, half an import is worth less than what somebody may want back.
  const swept = enough ? await sweepStore(root, () => false) : await sweepLeftovers(root)
  if (swept.length > 0 && (await enough?.())) return { removed }
  for (const { entry } of listTrash(root).reverse()) {
    if (!(await removeForGood(root, entry))) continue
    removed.push(entry)
    if (await enough?.()) break
  }
  return { removed }
}

async function removeForGood(root: string, entry: string): Promise<boolean> {
  const { cartridges } = paths(root)
  const doomed = join(cartridges, entry.replace('.trash-', '.new-'))
  await stateStore(cartridges).remove(doomed)
  const taken = await withStoreLock(root, () => takeOut(join(cartridges, entry), doomed))
  if (taken === undefined) return false
  try {
    await stateStore(cartridges).remove(taken.path)
  } finally {
    closeSync(taken.descriptor)
  }
  return true
}

/**
 * Locks it, by another name where there is room for that; a crash leaves a part of it in the trash where there is none.
 * Somebody else may have restored or removed it in between: then undefined.
 */
function takeOut(from: string, doomed: string): { path: string; descriptor: number } | undefined {
  try {
    const path = renamedUnlessFull(from, doomed)
    const descriptor = lockFolder(path)
    return descriptor === undefined ? undefined : { path, descriptor }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function renamedUnlessFull(from: string, to: string): string {
  try {
    renameSync(from, to)
    return to
  } catch (error) {
    if (isLackOfSpace(error)) return from
    throw error
  }
}
