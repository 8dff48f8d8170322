import type { Ending } from './endings.ts'

/** A guest whose user logged out has this long to shut down before it is switched off. */
const shutdownSeconds = 60

type LoggedOut = Extract<Ending, { kind: 'logged-out' }>

/** True from the log-out until QEMU says that it ends. */
export function isLoggedOut(ending: Ending | null): ending is LoggedOut {
  return ending?.kind === 'logged-out'
}

/** Seconds that a guest whose user logged out still has; none by a clock that cannot be. */
export function secondsToShutDown({ at }: LoggedOut, now: number): number {
  return now < at ? 0 : Math.max(0, at + shutdownSeconds - now)
}

/** After a log-out the guest starts again, however it came to its end; only somebody who stops it on the host means that. */
export function endingAfterLogOut(reason: string): Ending {
  return { kind: reason === 'host-signal' ? 'stop' : 'reboot' }
}
