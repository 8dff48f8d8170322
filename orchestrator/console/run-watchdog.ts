import { desktopState } from '../host/desktop-state.ts'
import { sentenceOf } from '../host/errors.ts'
import { notify } from '../host/systemd.ts'
import { Watch, type WatchdogOptions } from './watch.ts'
import type { EndAction } from './watchdog-types.ts'

/** Tries to reach QEMU's control socket before a running QEMU counts as lost; half a second apart. */
const mostTries = 10
/** A connection that lasted this long was a good one; the tries count anew. */
const goodConnectionMs = 15_000

/**
 * Stays beside the running console until it ends, and resolves with what the ending asks for; null when the watchdog
 * itself was told to go. Attaches to a console that runs already, and learns from systemd and the journal how one
 * ended that nobody watched, so it may be killed and started again at any time.
 */
export async function runWatchdog(options: WatchdogOptions): Promise<EndAction | null> {
  feedSystemd()
  const { clock } = options.machine
  const watch = new Watch(options)
  process.once('SIGTERM', () => void watch.terminate())
  for (let tries = 0; ; ) {
    if (watch.due !== null) return watch.due
    const { hasEnded, result } = await desktopState(options.machine)
    if (hasEnded) return watch.finish(result)
    if (watch.isEnding) {
      await watch.untilEnded()
      continue
    }
    const since = clock.monotonicMs()
    let problem = 'QEMU keeps closing its control socket.'
    try {
      await watch.attachUntilClosed()
    } catch (error) {
      problem = sentenceOf(error)
    }
    tries = clock.monotonicMs() - since > goodConnectionMs ? 1 : tries + 1
    if (tries >= mostTries) await watch.handle({ kind: 'unreachable', text: problem })
    await clock.sleep(tries === 1 ? 50 : 500)
  }
}

/** Pings systemd's watchdog twice in the time that it allows (sd_watchdog_enabled(3)); the timer ends with the process. */
function feedSystemd(): void {
  const microseconds = Number(process.env.WATCHDOG_USEC)
  if (!(microseconds > 0)) return
  notify('WATCHDOG=1')
  setInterval(() => notify('WATCHDOG=1'), microseconds / 2000).unref()
}
