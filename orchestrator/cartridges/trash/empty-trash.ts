import { closeSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { isLackOfSpace, storageError } from '../../host/storage-error.ts'
import { lockFolder, withStoreLock } from '../lock.ts'
import { stateStore } from '../store/index.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'
import { sweepLeftovers, sweepStore } from './sweep-store.ts'
import { listTrash } from './trash.ts'

/**
 * Removes what crashes left among the cartridges, then what is in the trash for good, oldest first, until `enough` says so
 * after one; all of it unless given. `removed` names what was in the trash. Each one
 * leaves the trash before it is taken apart: a crash leaves it whole, or a leftover that is swept (sweep-store.ts).
 * What cannot be removed does not stand in the way of the others: with `enough` it is only logged, else DeskvisorError
 * `trash-not-empty` (or `read-only`, `no-space`, `busy` …) says at the end what is left.
 */
export async function emptyTrash(
  machine: Machine,
  { enough }: { enough?: () => Promise<boolean> } = {},
): Promise<{ removed: string[] }> {
  const removed: string[] = []
  // Where space is short, half an import is worth less than what somebody may want back.
  const swept = enough ? await sweepStore(machine, () => false) : await sweepLeftovers(machine)
  if (swept.length > 0 && (await enough?.())) return { removed }
  const kept: Kept[] = []
  for (const { entry } of listTrash(machine).reverse()) {
    try {
      if (!(await removeForGood(machine, entry))) continue
      removed.push(entry)
    } catch (error) {
      kept.push({ entry, error })
    }
    if (await enough?.()) break
  }
  if (enough) for (const one of kept) log.warning(keptSentence(machine, one))
  else if (kept[0]) throw notEmpty(machine, kept[0], { removed: removed.length, kept: kept.length })
  return { removed }
}

type Kept = { entry: string; error: unknown }

function notEmpty(machine: Machine, first: Kept, count: { removed: number; kept: number }): DeskvisorError {
  const { error } = first
  const known = error instanceof DeskvisorError ? error : storageError(error)
  const others = [
    ...(count.kept > 1 ? [`${count.kept - 1} more are not removed either.`] : []),
    ...(count.removed > 0 ? [`Removed for ever: ${count.removed}.`] : []),
  ]
  return new DeskvisorError(
    known?.code ?? 'trash-not-empty',
    [keptSentence(machine, first), ...others].join(' '),
    {
      hint: known?.hint ?? 'deskvisor cartridge trash shows what is left.',
      cause: error,
    },
  )
}

/** Once it is out of the trash, it is no more what could be restored. */
function keptSentence(machine: Machine, { entry, error }: Kept): string {
  // Of this one that is true, and of the others something was changed.
  const reason = sentenceOf(error).replace(/(, so nothing was changed)?\.$/, '')
  return existsSync(join(machine.paths.cartridges, entry))
    ? `${entry} is still in the trash: ${reason}.`
    : `${entry} is out of the trash for ever, but its space is not free yet: ${reason}.`
}

async function removeForGood(machine: Machine, entry: string): Promise<boolean> {
  const { cartridges } = machine.paths
  const doomed = join(cartridges, entry.replace('.trash-', unfinishedPrefix))
  await stateStore(cartridges).remove(doomed)
  const taken = await withStoreLock(machine, () => takeOut(join(cartridges, entry), doomed))
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
