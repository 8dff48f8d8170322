import { readJson } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import { asObject } from '../host/objects.ts'
import { paths } from '../host/paths.ts'
import { unitActive } from '../host/systemd.ts'
import { shown } from './errors.ts'
import type { State } from './places.ts'

/**
 * Refuses to take away the state that the console plays now. Below another root than `/` nothing is played.
 * Throws DeskvisorError `in-use`.
 */
export async function refuseWhilePlayed(root: string, name: string, state: State | null): Promise<void> {
  if (root !== '/' || !(await isPlayed(root, state))) return
  throw new DeskvisorError('in-use', `${shown(name)} is running, so its state cannot be replaced now.`, {
    hint: 'Shut the desktop down first.',
  })
}

/**
 * Whether the console plays this state now. Below another root than `/` there is no unit to ask, so what is recorded
 * there counts.
 */
export async function isPlayed(root: string, state: State | null): Promise<boolean> {
  if (state === null || playedState(root) !== state.path) return false
  return root !== '/' || unitActive('deskvisor-console.service')
}

/** The folder of the state that the console was started with last since the machine was; null for none. */
export function playedState(root: string): string | null {
  const { state } = asObject(readJson(paths(root).playing))
  return typeof state === 'string' ? state : null
}
