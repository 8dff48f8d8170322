import { lstatSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StateStore } from '../cartridges/index.ts'
import { isBeside } from '../host/beside.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { entriesOf, isFolder, type Places, presentState, stateOf } from './places.ts'
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
export async function sweep(places: Places, store: StateStore): Promise<void> {
  for (const folder of [places.folder, places.states, places.snapshots, places.timeline]) {
    await attempt(() => removeLeftovers(folder, store))
  }
  await attempt(() => endDeadTry(places))
  await attempt(() => removeDeadStates(places, store))
  await attempt(() => removeLostNotes(places))
}

async function removeLeftovers(folder: string, store: StateStore): Promise<void> {
  for (const name of entriesOf(folder).filter(isLeftover)) {
    await attempt(() =>
      isFolder(join(folder, name)) ? store.remove(join(folder, name)) : rmSync(join(folder, name)),
    )
  }
}

/** The tried state has become the present, or is gone: `keepTry` or `dropTry` was cut off just before its end. */
function endDeadTry(places: Places): void {
  if (lstatSync(places.trying, { throwIfNoEntry: false }) === undefined) return
  const trying = readTry(places)
  if (trying === null || trying.state.number === presentState(places)?.number) removeTry(places)
}

async function removeDeadStates(places: Places, store: StateStore): Promise<void> {
  const present = presentState(places)
  const numbers = entriesOf(places.states).filter((name) => /^\d{4,9}$/.test(name))
  // Without a present nobody knows what is needed.
  if (present === null || numbers.length < 2) return
  const { replaces } = readStateNotes(present.path)
  const tried = readTry(places)?.state.number
  for (const number of numbers) {
    const state = stateOf(places, number)
    if (state === null || number === present.number || number === tried) continue
    if (number === replaces || wasNeverPlayed(places, state.path)) {
      await attempt(() => store.discard([state.path]))
    } else {
      log.warning(
        `${places.name} has a state ${number} that nothing needs and no moment holds; it is left alone.`,
      )
    }
  }
}

function wasNeverPlayed(places: Places, state: string): boolean {
  const { from } = readStateNotes(state)
  if (from === null || !isPossibleName(from)) return false
  const origin = join(places.snapshots, from)
  return isFolder(places.snapshots) && isFolder(origin) && sameContent(state, origin)
}

/** Notes of a snapshot that was removed. */
function removeLostNotes(places: Places): void {
  if (!isFolder(places.snapshots)) return
  const snapshots = new Set(entriesOf(places.snapshots))
  const names = entriesOf(places.timeline).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
  const lost = names.filter((name) => !snapshots.has(name))
  if (lost.length > 0) removeNotes(places, ...lost)
}

async function attempt(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warning(`A leftover cannot be removed: ${sentenceOf(error)}`)
  }
}
