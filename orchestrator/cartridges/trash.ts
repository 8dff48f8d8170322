import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { withReserve } from '../space/index.ts'
import { shown } from './checks.ts'
import { isInserted } from './inserted.ts'
import { knownName, refuseTakenName, storeEntries } from './known.ts'
import { withCartridgeLock, withStoreLock } from './lock.ts'
import { checkedName, normalName } from './names.ts'
import { refuseRunning } from './running.ts'

export type Trashed = {
  /** Name of its folder among the cartridges; what restoreCartridge wants. */
  entry: string
  /** The name that it had. */
  name: string
  /** ISO time. */
  deletedAt: string
}

/** `.trash-NAME-2026-11-20T21:05:03Z`, with `-2` and so on for a second one in the same second. */
const entryPattern = /^\.trash-(.+)-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:-\d+)?$/

/**
 * Moves a cartridge with all its moments to the trash, from where it can be restored until space is needed. A console
 * link to it is removed first, so that it never points to nothing. Resolves with its entry in the trash.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge` (both exit 2), `in-use`, `busy`.
 */
export async function deleteCartridge(root: string, name: string): Promise<string> {
  const { cartridges, inserted } = paths(root)
  return withStoreLock(root, async () => {
    const known = knownName(root, name)
    await refuseRunning(root, known, 'be deleted')
    const entry = freeEntry(root, known)
    await withCartridgeLock(root, known, async () => {
      if (isInserted(root, known)) {
        rmSync(inserted, { force: true })
        syncFolder(join(inserted, '..'))
      }
      await withReserve(root, () => renameSync(join(cartridges, known), join(cartridges, entry)))
      syncFolder(cartridges)
    })
    return entry
  })
}

/** What is in the trash, newest first. */
export function listTrash(root: string): Trashed[] {
  const trashed = storeEntries(root).flatMap((entry) => {
    const [, name = '', deletedAt = ''] = entryPattern.exec(entry) ?? []
    return normalName(name) === name && !Number.isNaN(Date.parse(deletedAt))
      ? [{ entry, name, deletedAt }]
      : []
  })
  return trashed.sort((one, other) => (isOlder(one, other) ? 1 : -1))
}

/**
 * Brings a deleted cartridge back, under another name if `name` is given; resolves with its name.
 * Throws DeskvisorError `not-in-trash`, `bad-name`, `name-taken` (all exit 2), `busy`.
 */
export async function restoreCartridge(root: string, entry: string, name?: string): Promise<string> {
  const { cartridges } = paths(root)
  return withStoreLock(root, () => {
    const trashed = listTrash(root).find((candidate) => candidate.entry === entry)
    if (!trashed) throw notInTrash(entry)
    const wanted = checkedName(name ?? trashed.name)
    refuseTakenName(root, wanted)
    renameSync(join(cartridges, entry), join(cartridges, wanted))
    syncFolder(cartridges)
    return wanted
  })
}

function freeEntry(root: string, name: string): string {
  const { cartridges } = paths(root)
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
    hint: 'deskvisor cartridge trash shows what there is.',
    exitCode: 2,
  })
}
