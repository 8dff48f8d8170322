import { existsSync } from 'node:fs'
import { paths } from '../host/paths.ts'
import { become } from './become.ts'

/** Whether this is a restart of the unit and no fresh boot: the console runs on, or its end was not seen through. */
export async function consoleIsLeft(root: string): Promise<boolean> {
  // A tree below --root has no console, whatever its records say.
  if (root !== '/' || !existsSync(paths(root).consoleRun)) return false
  const { consoleLeftBehind } = await import('../console/index.ts')
  return consoleLeftBehind(root)
}

/** From here on this process only watches. */
export function becomeWatchdog(root: string): never {
  become(root, 'watchdog')
}
