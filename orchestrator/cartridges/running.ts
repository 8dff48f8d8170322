import { join } from 'node:path'
import { desktopState } from '../host/desktop-state.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'
import { isInserted } from './console-link/inserted.ts'

/**
 * Whether the console plays this cartridge now, or is about to, or has not quite ended. Another one may have been inserted
 * since it started, so what counts is also what it was started from, and the files that its unit sees.
 */
export async function isRunning(machine: Machine, name: string): Promise<boolean> {
  const { phase, lastPlayed, sees } = await desktopState(machine)
  if (phase === 'off') return false
  const folder = `${join(machine.paths.cartridges, name)}/`
  return isInserted(machine, name) || lastPlayed?.state.startsWith(folder) === true || sees.includes(folder)
}

/** Throws DeskvisorError `in-use`; `what` says what cannot be done, for example "be deleted". */
export async function refuseRunning(machine: Machine, name: string, what: string): Promise<void> {
  if (!(await isRunning(machine, name))) return
  throw new DeskvisorError('in-use', `${shown(name)} is running and cannot ${what} now.`, {
    hint: 'Shut the desktop down first.',
  })
}
