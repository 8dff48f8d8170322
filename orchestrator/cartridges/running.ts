import { join } from 'node:path'
import { consoleUnit, desktopPhase } from '../host/desktop-units.ts'
import { DeskvisorError } from '../host/errors.ts'
import { lastPlayed } from '../host/last-played.ts'
import { paths } from '../host/paths.ts'
import { shown } from '../host/plain-text.ts'
import { systemctl } from '../host/systemd.ts'
import { isInserted } from './console-link/inserted.ts'

/**
 * Whether the console plays this cartridge now, or is about to, or has not quite ended. Another one may have been inserted
 * since it started, so what counts is also what it was started from, and the files that its unit sees. Below
 * another root than `/` nothing runs.
 */
export async function isRunning(root: string, name: string): Promise<boolean> {
  if (root !== '/' || (await desktopPhase()) === 'off') return false
  if (isInserted(root, name)) return true
  const folder = `${join(paths(root).cartridges, name)}/`
  if (lastPlayed(root)?.state.startsWith(folder)) return true
  const { stdout } = await systemctl('show', '--property=BindPaths', '--value', consoleUnit)
  return stdout.includes(folder)
}

/** Throws DeskvisorError `in-use`; `what` says what cannot be done, for example "be deleted". */
export async function refuseRunning(root: string, name: string, what: string): Promise<void> {
  if (!(await isRunning(root, name))) return
  throw new DeskvisorError('in-use', `${shown(name)} is running and cannot ${what} now.`, {
    next: { do: 'shut-down' },
  })
}
