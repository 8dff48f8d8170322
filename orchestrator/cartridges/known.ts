import { readdirSync } from 'node:fs'
import { DeskvisorError, isErrno } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { noSuchCartridge } from './lock.ts'
import { checkedName, normalName, sameName } from './names.ts'

/**
 * The exact name of the cartridge that a person means, whatever the case or Unicode form they typed.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge` (both exit 2).
 */
export function knownName(root: string, name: string): string {
  const wanted = checkedName(name)
  const names = storeEntries(root).filter((entry) => normalName(entry) === entry)
  const known = names.find((entry) => entry === wanted) ?? names.find((entry) => sameName(entry, wanted))
  if (known === undefined) throw noSuchCartridge(wanted)
  return known
}

/** Throws DeskvisorError `name-taken` (exit 2) when another cartridge than `except` has this name to a person's eye. */
export function refuseTakenName(root: string, name: string, except?: string): void {
  const taken = storeEntries(root).find((entry) => entry !== except && sameName(entry, name))
  if (taken === undefined) return
  throw new DeskvisorError('name-taken', `There is already an operating system with the name ${taken}.`, {
    hint: 'Choose another name.',
    exitCode: 2,
  })
}

/** Everything in the folder of operating systems; nothing when there is no such folder. */
export function storeEntries(root: string): string[] {
  try {
    return readdirSync(paths(root).cartridges)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
