import { readdirSync } from 'node:fs'
import { isErrno, sentenceOf } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { insertedName, readCartridge } from './inspect.ts'
import { normalName } from './names.ts'

export type ListedCartridge = {
  name: string
  title: string
  inserted: boolean
  /** One sentence that says why it cannot be played; null when it can. */
  problem: string | null
}

/** Every cartridge by name, damaged ones too. Throws only when the store itself cannot be read. */
export function listCartridges(root: string): ListedCartridge[] {
  const inserted = nameOrUndefined(root)
  return entries(paths(root).cartridges)
    .filter((name) => normalName(name) === name)
    .sort((one, other) => one.localeCompare(other))
    .map((name) => ({ name, inserted: name === inserted, ...look(root, name) }))
}

function look(root: string, name: string): { title: string; problem: string | null } {
  try {
    return { title: readCartridge(root, name).title, problem: null }
  } catch (error) {
    return { title: name, problem: sentenceOf(error) }
  }
}

function nameOrUndefined(root: string): string | undefined {
  try {
    return insertedName(root)
  } catch {
    return undefined
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
