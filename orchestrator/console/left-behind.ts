import { existsSync } from 'node:fs'
import { desktopState } from '../host/desktop-state.ts'
import type { Machine } from '../host/machine.ts'
import { readRecord } from './record.ts'

/**
 * True when an earlier watchdog of this boot left a console behind: one that still runs, or one that ended and what
 * follows has not been done. The usual boot finds neither a record nor a socket, and does not wait for systemctl.
 */
export async function consoleLeftBehind(machine: Machine): Promise<boolean> {
  const { running, due } = readRecord(machine)
  // Who chose the desktop in the menu wants a new one, and not what the old one's end asked for.
  if ((running || due !== null) && !existsSync(machine.paths.startDesktop)) return true
  return existsSync(machine.paths.qmp) && (await desktopState(machine)).isActive
}
