import { type Clock, monotonicSeconds } from '../host/clock.ts'
import { sentenceOf } from '../host/errors.ts'
import { lastPlayed } from '../host/last-played.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { notify } from '../host/systemd.ts'
import { isLoggedOut, secondsToShutDown } from './logged-out.ts'
import { pressPowerButton } from './power-button.ts'
import type { Qmp } from './qmp.ts'
import { throttle } from './throttle.ts'
import type { WatchdogEvent, WatchdogState } from './watchdog-types.ts'

const complainMs = 60_000

/** What to make of a log-out when the guest tells of one; at most once a minute a line says that it is ignored. */
export function logOutReader(machine: Machine): () => Promise<WatchdogEvent> {
  const tellIgnored = throttle(complainMs, () =>
    log.info('A log-out is ignored: the operating system does not start from its golden moment.'),
  )
  return async () => {
    const resets = await playsFromGolden(machine)
    if (!resets) tellIgnored()
    return { kind: 'logged-out', at: monotonicSeconds(machine.clock), resets }
  }
}

/**
 * Presses the power button of a guest whose user logged out, and calls `onOverdue` when its time is over; the timer that is
 * returned does that, and keeps no process alive.
 */
export function askToShutDown(
  clock: Clock,
  { ending }: WatchdogState,
  qmp: Qmp | undefined,
  onOverdue: () => void,
): NodeJS.Timeout | undefined {
  if (!isLoggedOut(ending)) return undefined
  log.info('The user logged out: the desktop is shut down and starts afresh.')
  notify('STATUS=The user logged out; the desktop shuts down and starts afresh.')
  if (qmp) pressPowerButton(qmp).catch((error) => log.warning(sentenceOf(error)))
  // A little more, because timers may be early.
  const waitMs = 1000 * secondsToShutDown(ending, monotonicSeconds(clock)) + 100
  return setTimeout(onOverdue, waitMs).unref()
}

/**
 * Whether what the console plays goes back to its golden snapshot at every start, as its cartridge says now. Never throws:
 * what cannot be read does not reset. The room of cartridges is loaded only here, because few guests ever ask.
 */
async function playsFromGolden(machine: Machine): Promise<boolean> {
  const playing = lastPlayed(machine)
  if (playing === null) return false
  try {
    const { readCartridge } = await import('../cartridges/index.ts')
    return readCartridge(machine, playing.name).reset === 'every-start'
  } catch (error) {
    log.warning(`Whether ${playing.name} starts from its golden moment cannot be read: ${sentenceOf(error)}`)
    return false
  }
}
