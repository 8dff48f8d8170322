import { closeSync, lstatSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { readResume, resumePath } from '../import/resume.ts'
import { lockFolder, withStoreLock } from '../lock.ts'
import { storeEntries } from '../names/known.ts'
import { stateStore } from '../store/index.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'

/**
 * No cartridge's name begins with a dot, so nothing takes an unfinished one for a cartridge. The rest is the name it will
 * have: an import that was cut off is found by it, and nobody but root could put something else there.
 */
export const unfinishedPrefixes = { import: '.import-', new: unfinishedPrefix } as const

/** So long a half import that can go on waits for somebody to continue it, unless its space is needed. */
const resumableDays = 7

export function isUnfinished(entry: string): boolean {
  return Object.values(unfinishedPrefixes).some((prefix) => entry.startsWith(prefix))
}

/**
 * Removes what crashes left among the cartridges; what somebody works on is locked and stays, and so does what `keep` says.
 * Resolves with what was removed. Never rejects: what cannot be removed now must not stand in the way of what is next.
 */
export async function sweepStore(machine: Machine, keep: (entry: string) => boolean): Promise<string[]> {
  const removed: string[] = []
  for (const entry of storeEntries(machine)) {
    if (!isUnfinished(entry) || keep(entry)) continue
    try {
      if (await removeLeftover(machine, join(machine.paths.cartridges, entry))) removed.push(entry)
    } catch (error) {
      log.warning(`The leftover ${entry} cannot be removed: ${sentenceOf(error)}`)
    }
  }
  return removed
}

/** The same for whoever comes by in the course of a day: a half import that can go on may still be continued. */
export async function sweepLeftovers(machine: Machine): Promise<string[]> {
  try {
    return await sweepStore(machine, (entry) =>
      isResumable(machine.clock.now(), join(machine.paths.cartridges, entry)),
    )
  } catch (error) {
    log.warning(`Leftovers cannot be looked for: ${sentenceOf(error)}`)
    return []
  }
}

function isResumable(now: number, folder: string): boolean {
  if (readResume(folder) === undefined) return false
  const age = now - statSync(resumePath(folder)).mtimeMs
  return age < resumableDays * 86_400_000
}

/** It is claimed under the lock of the list, as makers claim theirs, and removed without it: that may take a while. */
async function removeLeftover(machine: Machine, path: string): Promise<boolean> {
  if (!lstatSync(path).isDirectory()) {
    rmSync(path)
    return true
  }
  const descriptor = await withStoreLock(machine, () => lockFolder(path))
  if (descriptor === undefined) return false
  try {
    await stateStore(machine.paths.cartridges).remove(path)
  } finally {
    closeSync(descriptor)
  }
  return true
}
