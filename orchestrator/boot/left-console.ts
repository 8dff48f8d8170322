import { existsSync } from 'node:fs'
import type { Machine } from '../host/machine.ts'
import { replaceSelf } from './replace-self.ts'

/** Whether this is a restart of the unit and no fresh boot: the console runs on, or its end was not seen through. */
export async function consoleIsLeft(machine: Machine): Promise<boolean> {
  // A tree below --root has no console, whatever its records say.
  if (!machine.live || !existsSync(machine.paths.consoleRun)) return false
  const { consoleLeftBehind } = await import('../console/index.ts')
  return consoleLeftBehind(machine)
}

/** From here on this process only watches. */
export function becomeWatchdog(machine: Machine): never {
  replaceSelf(machine, 'watchdog')
}
