import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, syncFolder } from '../../host/atomic.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { linkTarget, unusable } from '../checks.ts'
import { readCartridge } from '../inspect.ts'
import { normalName } from '../names/names.ts'
import { swapLink } from '../swap-link.ts'
import { parseTrashEntry } from '../trash/trash-entry.ts'
import type { Cartridge } from '../types.ts'

/**
 * The cartridge that the console plays. Throws DeskvisorError `no-cartridge` with one sentence for anything missing or
 * not as it should be.
 */
export function insertedCartridge(machine: Machine): Cartridge {
  const name = insertedName(machine)
  if (name === undefined) throw unusable('No operating system is inserted.')
  return readCartridge(machine, name)
}

/**
 * The name that console/cartridge points to; undefined when there is no such link, or one to what lies in the trash. Throws
 * `no-cartridge` for a bad one.
 */
export function insertedName(machine: Machine): string | undefined {
  const name = nameInLink(machine)
  if (name === undefined || isThere(machine, name)) return name
  return renamedTo(machine, name) ?? (isDeleted(machine, name) ? undefined : name)
}

function nameInLink(machine: Machine): string | undefined {
  const place = 'console/cartridge'
  const target = linkTarget(machine.paths.inserted, place)
  if (target === undefined) return undefined
  const name = /^\.\.\/cartridges\/([^/]+)\/?$/.exec(target)?.[1]
  if (name === undefined || normalName(name) !== name) {
    throw unusable(`${place} points to ${shown(target)}, which is not an operating system of this machine.`)
  }
  return name
}

/** Whether the console's link points to this cartridge; not when the link is bad. */
export function isInserted(machine: Machine, name: string): boolean {
  try {
    return insertedName(machine) === name
  } catch {
    return false
  }
}

/** Where the rename of the inserted cartridge is noted while it is under way: JSON `{ from, to }`. */
export function renamingRecord(machine: Machine): string {
  return `${machine.paths.inserted}.renaming`
}

/**
 * Ends a rename or a deletion that a crash cut off. Called before names are given or taken: the old name must not mean
 * another cartridge before the link points to the new one, or is gone. Throws errno.
 */
export function finishChanges(machine: Machine): void {
  finishRenaming(machine)
  finishDeleting(machine)
}

function finishRenaming(machine: Machine): void {
  const record = renamingRecord(machine)
  if (!existsSync(record)) return
  const name = linkedName(machine)
  const to = name !== undefined && !isThere(machine, name) ? renamedTo(machine, name) : undefined
  if (to !== undefined) swapLink(machine.paths.inserted, `../cartridges/${to}`)
  rmSync(record, { force: true })
  syncFolder(dirname(record))
}

function finishDeleting(machine: Machine): void {
  const name = linkedName(machine)
  if (name === undefined || !isDeleted(machine, name)) return
  const { inserted } = machine.paths
  rmSync(inserted, { force: true })
  syncFolder(dirname(inserted))
}

function linkedName(machine: Machine): string | undefined {
  try {
    return nameInLink(machine)
  } catch {
    return undefined
  }
}

function isThere(machine: Machine, name: string): boolean {
  return existsSync(join(machine.paths.cartridges, name))
}

/** A crash between renaming the folder and re-pointing the link left this note: the link means the new name. */
function renamedTo(machine: Machine, name: string): string | undefined {
  const record = readJson(renamingRecord(machine))
  if (typeof record !== 'object' || record === null || !('from' in record) || !('to' in record))
    return undefined
  const { from, to } = record
  if (from !== name || typeof to !== 'string' || normalName(to) !== to) return undefined
  return existsSync(join(machine.paths.cartridges, to)) ? to : undefined
}

/** A crash between moving the folder to the trash and removing the link left this: the link means nothing. */
function isDeleted(machine: Machine, name: string): boolean {
  if (isThere(machine, name)) return false
  try {
    return readdirSync(machine.paths.cartridges).some((entry) => parseTrashEntry(entry)?.name === name)
  } catch {
    // No folder of operating systems; whoever needs one says so.
    return false
  }
}
