import { type Clock, passing } from './clock.ts'
import { type Paths, pathsBelow } from './paths.ts'
import { type Systemctl, systemctl, systemctlOf } from './systemctl.ts'

/** What Deskvisor works on: the running machine, or below `--root` a file tree of one, in which nothing runs. */
export type Machine = {
  /** `/` on a real machine. */
  readonly root: string
  readonly paths: Paths
  /** The running machine itself, and no tree. */
  readonly live: boolean
  readonly systemctl: Systemctl
  readonly clock: Clock
}

/** The one place where it is decided whether a folder is the running machine. `parts`: those that a test makes up. */
export function machineAt(root: string, parts: Partial<Omit<Machine, 'root' | 'paths'>> = {}): Machine {
  const live = root === '/'
  const told = live ? systemctl : systemctlOf(root)
  return { root, paths: pathsBelow(root), live, systemctl: told, clock: passing, ...parts }
}
