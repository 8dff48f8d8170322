import { isInserted, type State } from '../cartridges/index.ts'
import { type DesktopPhase, desktopState } from '../host/desktop-state.ts'
import { DeskvisorError } from '../host/errors.ts'
import { lastPlayed } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'

/**
 * Refuses to take away a state that the console plays now, or may be about to open: which one a start takes is known
 * to nobody else until QEMU runs. Throws DeskvisorError `in-use`, `busy`.
 */
export async function refuseWhilePlayed(machine: Machine, name: string, state: State | null): Promise<void> {
  if (state === null) return
  const { phase, lastPlayed: last } = await desktopState(machine)
  const refused = refusal(name, phase, {
    isPlayed: last?.state === state.path,
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
        next: { do: 'shut-down' },
      },
    )
  }
  if (phase === 'changing' && (isPlayed || isInserted)) {
    return new DeskvisorError('busy', `${shown(name)} is being started or shut down just now.`, {
      next: 'Wait until it has, then try again.',
    })
  }
  return null
}

/** Whether the console plays this state now. Of a file tree nobody knows more than what is recorded there. */
export async function isPlayed(machine: Machine, state: State | null): Promise<boolean> {
  if (state === null || lastPlayed(machine)?.state !== state.path) return false
  return !machine.live || (await desktopState(machine)).phase !== 'off'
}
