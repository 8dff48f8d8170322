import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'
import { expectFolder, unusable } from './checks.ts'
import { layout } from './layout.ts'
import { swapLink } from './swap-link.ts'

const statePattern = /^\d{4,9}$/

/**
 * Makes a state the present one, atomically and lasting: a crash leaves the old or the new. For use while the
 * cartridge's lock is held. Throws DeskvisorError `no-cartridge` when there is no such state, or an errno.
 */
export function swapPresent(machine: Machine, name: string, stateNumber: string): void {
  const places = layout(join(machine.paths.cartridges, name))
  if (!statePattern.test(stateNumber)) throw unusable(`${shown(stateNumber)} is not the number of a state.`)
  expectFolder(join(places.states, stateNumber), `The state ${stateNumber} of ${shown(name)}`)
  swapLink(places.presentLink, `states/${stateNumber}`)
}

/** The number after the highest that is there, `0008` for example; `folder` is the cartridge's. */
export function nextStateNumber(folder: string): string {
  const numbers = entries(layout(folder).states).filter((entry) => statePattern.test(entry))
  return String(Math.max(0, ...numbers.map(Number)) + 1).padStart(4, '0')
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}
