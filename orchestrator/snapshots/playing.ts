import { isInserted, type State } from '../cartridges/index.ts'
import { type DesktopPhase, desktopPhase } from '../host/desktop-units.ts'
import { DeskvisorError } from '../host/errors.ts'
import { lastPlayed } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'

/**
 * Refuses to take away a state that the console plays now, or may be about to open: which one a start takes is known
 * to nobody else until QEMU runs. Below another root than `/` nothing is played. Throws DeskvisorError `in-use`, `busy`.
 */
export async function refuseWhilePlayed(machine: Machine, name: string, state: State | null): Promise<void> {
  if (state === null) return
  const phase = await desktopPhase(machine)
  const refused = refusal(name, phase, {
    isPlayed: playedState(machine) === state.path,
    isInserted: isInserted(machine, name),
  })
  if (refused !== null) throw refused
}

/** `isPlayed`: the console was started with this state last. `isInserted`: the next start plays this cartridge. */
export function refusal(
  name: string,
  phase: DesktopPhase,
  { isPlayed, isInserted }: { isPlayed: boolean; isInserted: boolean },
): DeskvisorError | null {
  if (phase === 'running' && isPlayed) {
    return new DeskvisorError(
      'in-use',
      `${shown(name)} is running, so what is on its disk cannot be exchanged now.`,
      {
        hint: 'Shut the desktop down first.',
      },
    )
  }
  if (phase === 'changing' && (isPlayed || isInserted)) {
    return new DeskvisorError('busy', `${shown(name)} is being started or shut down just now.`, {
      hint: 'Wait until it has, then try again.',
    })
  }
  return null
}

/**
 * Whether the console plays this state now. Below another root than `/` there is no unit to ask, so what is recorded
 * there counts.
 */
export async function isPlayed(machine: Machine, state: State | null): Promise<boolean> {
  if (state === null || playedState(machine) !== state.path) return false
  return !machine.live || (await desktopPhase(machine)) !== 'off'
}

/** The folder of the state that the console was started with last since the machine was; null for none. */
export function playedState(machine: Machine): string | null {
  return lastPlayed(machine)?.state ?? null
}
