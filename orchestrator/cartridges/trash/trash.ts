import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { withReserve } from '../../space/index.ts'
import { isInserted } from '../console-link/inserted.ts'
import { withCartridgeLock, withStoreLock } from '../lock.ts'
import { moveBack, moveEntry } from '../move-entry.ts'
import { knownName, refuseTakenName, storeEntries } from '../names/known.ts'
import { checkedName, normalName } from '../names/names.ts'
import { refuseRunning } from '../running.ts'
import { parseTrashEntry } from './trash-entry.ts'

export type Trashed = {
  /** Name of its folder among the cartridges; what restoreCartridge wants. */
  entry: string
  /** The name that it had. */
  name: string
  /** ISO time. */
  deletedAt: string
}

/**
 * Moves a cartridge with all its snapshots to the trash, from where it can be restored until space is needed. A console
 * link to it goes after it: a failure leaves both as they were, and a crash in between a link to what lies in the trash,
 * which means nothing and is removed by the next change (inserted.ts). Resolves with its entry in the trash.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge` (both exit 2), `in-use`, `busy`, and `half-done` when what failed
 * cannot be taken back.
 */
export async function deleteCartridge(machine: Machine, name: string): Promise<string> {
  const { cartridges, inserted } = machine.paths
  return withStoreLock(machine, async () => {
    const known = knownName(machine, name)
    await refuseRunning(machine, known, 'be deleted')
    const entry = freeEntry(machine, known)
    await withCartridgeLock(machine, known, async () => {
      const isLinked = isInserted(machine, known)
      await withReserve(machine, () => moveEntry(cartridges, known, entry))
      if (!isLinked) return
      try {
        rmSync(inserted, { force: true })
      } catch (error) {
        moveBack(cartridges, { from: known, to: entry }, error)
        throw error
      }
      forgetForGood(inserted)
    })
    return entry
  })
}

/** When this fails, the link may be there again after a power cut, and then means nothing, as above. */
function forgetForGood(link: string): void {
  try {
    syncFolder(dirname(link))
  } catch (error) {
    log.warning(`That nothing is inserted may be forgotten by a power cut: ${sentenceOf(error)}`)
  }
}

/** What is in the trash, newest first. */
export function listTrash(machine: Machine): Trashed[] {
  const trashed = storeEntries(machine).flatMap((entry) => {
    const parsed = parseTrashEntry(entry)
    return parsed && normalName(parsed.name) === parsed.name ? [{ entry, ...parsed }] : []
  })
  return trashed.sort((one, other) => (isOlder(one, other) ? 1 : -1))
}

/**
 * Brings a deleted cartridge back, under another name if `name` is given; resolves with its name.
 * Throws DeskvisorError `not-in-trash`, `bad-name`, `name-taken` (all exit 2), `busy`.
 */
export async function restoreCartridge(machine: Machine, entry: string, name?: string): Promise<string> {
  const { cartridges } = machine.paths
  return withStoreLock(machine, () => {
    const trashed = listTrash(machine).find((candidate) => candidate.entry === entry)
    if (!trashed) throw notInTrash(entry)
    const wanted = checkedName(name ?? trashed.name)
    refuseTakenName(machine, wanted)
    moveEntry(cartridges, entry, wanted)
    return wanted
  })
}

function freeEntry(machine: Machine, name: string): string {
  const { cartridges } = machine.paths
  const entry = `.trash-${name}-${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? entry : `${entry}-${number}`
    if (!existsSync(join(cartridges, candidate))) return candidate
  }
}

/** By time, and within one second by the number at the end. */
function isOlder(one: Trashed, other: Trashed): boolean {
  if (one.deletedAt !== other.deletedAt) return one.deletedAt < other.deletedAt
  return one.entry.localeCompare(other.entry, 'en', { numeric: true }) < 0
}

function notInTrash(entry: string): DeskvisorError {
  return new DeskvisorError('not-in-trash', `There is no ${shown(entry)} in the trash.`, {
    next: { do: 'see', command: 'deskvisor cartridge trash' },
  })
}
