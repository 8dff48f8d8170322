import { readJson } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { unitActive } from '../host/systemd.ts'
import { shown } from './errors.ts'
import type { State } from './places.ts'

/**
 * Refuses to take away the state that the console plays now. Below another root than `/` nothing is played.
 * Throws DeskvisorError `in-use`.
 */
export async function refuseWhilePlayed(root: string, name: string, state: State | null): Promise<void> {
  if (root !== '/' || state === null || playedState(root) !== state.path) return
  if (!(await unitActive('deskvisor-console.service'))) return
  throw new DeskvisorError(
    'in-use',
    `${shown(name)} is running, so what is on its disk cannot be exchanged now.`,
    {
      hint: 'Shut the desktop down first.',
    },
  )
}

/** The folder of the state that the console was started with last. */
function playedState(root: string): unknown {
  const playing = readJson(paths(root).playing)
  return typeof playing === 'object' && playing !== null && 'state' in playing ? playing.state : null
}
