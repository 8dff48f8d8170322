import { readdirSync } from 'node:fs'
import { DeskvisorError, isErrno } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { noSuchCartridge } from '../lock.ts'
import { hasInvisible, skeleton } from './look-alike.ts'
import { badName, checkedName, normalName, sameName } from './names.ts'

/**
 * The exact name of the cartridge that a person means, whatever the case or Unicode form they typed.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge` (both exit 2).
 */
export function knownName(machine: Machine, name: string): string {
  const wanted = checkedName(name)
  const names = storeEntries(machine).filter((entry) => normalName(entry) === entry)
  const known = names.find((entry) => entry === wanted) ?? names.find((entry) => sameName(entry, wanted))
  if (known === undefined) throw noSuchCartridge(wanted)
  return known
}

/**
 * Throws DeskvisorError `name-taken` when another cartridge than `except` has this name to a person's eye, and `bad-name` when a
 * part of it cannot be seen (both exit 2). What lies in the trash comes back under the name that it had.
 */
export function refuseTakenName(machine: Machine, name: string, except?: string): void {
  const entries = storeEntries(machine)
  if (hasInvisible(name) && !entries.some((entry) => entry.startsWith(`.trash-${name}-`)))
    throw badName(name, 'A part of it cannot be seen: type it anew.')
  const others = entries.filter((entry) => entry !== except)
  const same = others.find((entry) => sameName(entry, name))
  if (same !== undefined) throw taken(`There is already an operating system with the name ${shown(same)}.`)
  const looks = skeleton(name)
  const alike = others.find((entry) => skeleton(entry) === looks)
  if (alike === undefined) return
  throw taken(
    `${shown(name)} looks like ${shown(alike)}, the name of another operating system; some letters of the two differ.`,
  )
}

function taken(sentence: string): DeskvisorError {
  return new DeskvisorError('name-taken', sentence, { hint: 'Choose another name.', exitCode: 2 })
}

/** Everything in the folder of operating systems; nothing when there is no such folder. */
export function storeEntries(machine: Machine): string[] {
  try {
    return readdirSync(machine.paths.cartridges)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
