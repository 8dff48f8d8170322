import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJson, syncFolder } from '../host/atomic.ts'
import { paths } from '../host/paths.ts'
import { linkTarget, shown, unusable } from './checks.ts'
import { readCartridge } from './inspect.ts'
import { normalName } from './names.ts'
import { swapLink } from './swap-link.ts'
import type { Cartridge } from './types.ts'

/**
 * The cartridge that the console plays. Throws DeskvisorError `no-cartridge` with one sentence for anything missing or
 * not as it should be.
 */
export function insertedCartridge(root: string): Cartridge {
  const name = insertedName(root)
  if (name === undefined) throw unusable('No operating system is inserted.')
  return readCartridge(root, name)
}

/** The name that console/cartridge points to; undefined when there is no such link. Throws `no-cartridge` for a bad one. */
export function insertedName(root: string): string | undefined {
  const name = nameInLink(root)
  return name === undefined || isThere(root, name) ? name : (renamedTo(root, name) ?? name)
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
 * Ends a rename that a crash cut off. Called before names are given or taken: the old name must not mean another cartridge
 * before the link points to the new one. Throws errno.
 */
export function finishRenaming(root: string): void {
  const record = renamingRecord(root)
  if (!existsSync(record)) return
  const name = linkedName(root)
  const to = name !== undefined && !isThere(root, name) ? renamedTo(root, name) : undefined
  if (to !== undefined) swapLink(paths(root).inserted, `../cartridges/${to}`)
  rmSync(record, { force: true })
  syncFolder(dirname(record))
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
