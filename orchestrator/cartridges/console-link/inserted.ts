import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, syncFolder } from '../../host/atomic.ts'
import { paths } from '../../host/paths.ts'
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
export function insertedCartridge(root: string): Cartridge {
  const name = insertedName(root)
  if (name === undefined) throw unusable('No operating system is inserted.')
  return readCartridge(root, name)
}

/**
 * The name that console/cartridge points to; undefined when there is no such link, or one to what lies in the trash. Throws
 * `no-cartridge` for a bad one.
 */
export function insertedName(root: string): string | undefined {
  const name = nameInLink(root)
  if (name === undefined || isThere(root, name)) return name
  return renamedTo(root, name) ?? (isDeleted(root, name) ? undefined : name)
}

function nameInLink(root: string): string | undefined {
  const place = 'console/cartridge'
  const target = linkTarget(paths(root).inserted, place)
  if (target === undefined) return undefined
  const name = /^\.\.\/cartridges\/([^/]+)\/?$/.exec(target)?.[1]
  if (name === undefined || normalName(name) !== name) {
    throw unusable(`${place} points to ${shown(target)}, which is not an operating system of this machine.`)
  }
  return name
}

/** Whether the console's link points to this cartridge; not when the link is bad. */
export function isInserted(root: string, name: string): boolean {
  try {
    return insertedName(root) === name
  } catch {
    return false
  }
}

/** Where the rename of the inserted cartridge is noted while it is under way: JSON `{ from, to }`. */
export function renamingRecord(root: string): string {
  return `${paths(root).inserted}.renaming`
}

/**
 * Ends a rename or a deletion that a crash cut off. Called before names are given or taken: the old name must not mean
 * another cartridge before the link points to the new one, or is gone. Throws errno.
 */
export function finishChanges(root: string): void {
  finishRenaming(root)
  finishDeleting(root)
}

function finishRenaming(root: string): void {
  const record = renamingRecord(root)
  if (!existsSync(record)) return
  const name = linkedName(root)
  const to = name !== undefined && !isThere(root, name) ? renamedTo(root, name) : undefined
  if (to !== undefined) swapLink(paths(root).inserted, `../cartridges/${to}`)
  rmSync(record, { force: true })
  syncFolder(dirname(record))
}

function finishDeleting(root: string): void {
  const name = linkedName(root)
  if (name === undefined || !isDeleted(root, name)) return
  const { inserted } = paths(root)
  rmSync(inserted, { force: true })
  syncFolder(dirname(inserted))
}

function linkedName(root: string): string | undefined {
  try {
    return nameInLink(root)
  } catch {
    return undefined
  }
}

function isThere(root: string, name: string): boolean {
  return existsSync(join(paths(root).cartridges, name))
}

/** A crash between renaming the folder and re-pointing the link left this note: the link means the new name. */
function renamedTo(root: string, name: string): string | undefined {
  const record = readJson(renamingRecord(root))
  if (typeof record !== 'object' || record === null || !('from' in record) || !('to' in record))
    return undefined
  const { from, to } = record
  if (from !== name || typeof to !== 'string' || normalName(to) !== to) return undefined
  return existsSync(join(paths(root).cartridges, to)) ? to : undefined
}

/** A crash between moving the folder to the trash and removing the link left this: the link means nothing. */
function isDeleted(root: string, name: string): boolean {
  if (isThere(root, name)) return false
  try {
    return readdirSync(paths(root).cartridges).some((entry) => parseTrashEntry(entry)?.name === name)
  } catch {
    // No folder of operating systems; whoever needs one says so.
    return false
  }
}
