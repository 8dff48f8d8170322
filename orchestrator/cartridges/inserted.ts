import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../host/atomic.ts'
import { paths } from '../host/paths.ts'
import { linkTarget, shown, unusable } from './checks.ts'
import { readCartridge } from './inspect.ts'
import { normalName } from './names.ts'
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
  const place = 'console/cartridge'
  const target = linkTarget(paths(root).inserted, place)
  if (target === undefined) return undefined
  const name = /^\.\.\/cartridges\/([^/]+)\/?$/.exec(target)?.[1]
  if (name === undefined || normalName(name) !== name) {
    throw unusable(`${place} points to ${shown(target)}, which is not an operating system of this machine.`)
  }
  return existsSync(join(paths(root).cartridges, name)) ? name : (renamedTo(root, name) ?? name)
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

/** A crash between renaming the folder and re-pointing the link left this note: the link means the new name. */
function renamedTo(root: string, name: string): string | undefined {
  const record = readJson(renamingRecord(root))
  if (typeof record !== 'object' || record === null || !('from' in record) || !('to' in record))
    return undefined
  const { from, to } = record
  if (from !== name || typeof to !== 'string' || normalName(to) !== to) return undefined
  return existsSync(join(paths(root).cartridges, to)) ? to : undefined
}
