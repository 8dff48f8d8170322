import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../cartridges/index.ts'
import { isBeside } from '../host/beside.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { entriesOf } from './folders.ts'
import { readStateNotes } from './state-notes.ts'
import { sameContent } from './take/same.ts'
import { isPossibleName } from './timeline/names.ts'
import { removeNotes } from './timeline/notes.ts'
import { readTry, removeTry } from './try/try-record.ts'

/** Beginnings of what a crash leaves behind, and the names under which a file is written beside its old one. */
function isLeftover(name: string): boolean {
  return /^\.(new|import)-/.test(name) || isBeside(name)
}

/**
 * Removes what a crash left of changes to this cartridge; for use while its lock is held. It removes nothing but what
 * provably nobody needs: unfinished and doomed things, a state whose place another one took, and a copy that was never
 * played. Never throws: what cannot be removed now is tried again the next time.
 */
export async function sweep(opened: OpenedCartridge): Promise<void> {
  for (const folder of [opened.folder, opened.states, opened.snapshots, opened.timeline]) {
    await attempt(() => removeLeftovers(opened, folder))
  }
  await attempt(() => endDeadTry(opened))
  await attempt(() => removeDeadStates(opened))
  await attempt(() => removeLostNotes(opened))
}

async function removeLeftovers(opened: OpenedCartridge, folder: string): Promise<void> {
  for (const name of entriesOf(folder).filter(isLeftover)) {
    await attempt(() =>
      isFolder(join(folder, name)) ? opened.store.remove(join(folder, name)) : rmSync(join(folder, name)),
    )
  }
}

/** The tried state has become the present, or is gone: `keepTry` or `dropTry` was cut off just before its end. */
function endDeadTry(opened: OpenedCartridge): void {
  if (lstatSync(opened.trying, { throwIfNoEntry: false }) === undefined) return
  const trying = readTry(opened)
  if (trying === null || trying.state.number === opened.present()?.number) removeTry(opened)
}

async function removeDeadStates(opened: OpenedCartridge): Promise<void> {
  const present = opened.present()
  const numbers = entriesOf(opened.states).filter((name) => /^\d{4,9}$/.test(name))
  // Without a present nobody knows what is needed.
  if (present === null || numbers.length < 2) return
  const { replaces } = readStateNotes(present.path)
  const tried = readTry(opened)?.state.number
  for (const number of numbers) {
    const state = opened.state(number)
    if (state === null || number === present.number || number === tried) continue
    if (number === replaces || wasNeverPlayed(opened, state.path)) {
      await attempt(() => opened.store.discard([state.path]))
    } else {
      log.warning(
        `${opened.name} has a state ${number} that nothing needs and no moment holds; it is left alone.`,
      )
    }
  }
}

function wasNeverPlayed(opened: OpenedCartridge, state: string): boolean {
  const { from } = readStateNotes(state)
  if (from === null || !isPossibleName(from)) return false
  const origin = join(opened.snapshots, from)
  return isFolder(opened.snapshots) && isFolder(origin) && sameContent(state, origin)
}

/** Notes of a snapshot that was removed. */
function removeLostNotes(opened: OpenedCartridge): void {
  if (!isFolder(opened.snapshots)) return
  const snapshots = new Set(entriesOf(opened.snapshots))
  const names = entriesOf(opened.timeline).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
  const lost = names.filter((name) => !snapshots.has(name))
  if (lost.length > 0) removeNotes(opened, ...lost)
}

async function attempt(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warning(`A leftover cannot be removed: ${sentenceOf(error)}`)
  }
}
