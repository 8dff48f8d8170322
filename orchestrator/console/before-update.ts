import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import type { GuestAnswer, TellGuest } from './guest-signals.ts'

const unit = 'deskvisor-snapshot@before-update.service'
const restMs = 600_000

/**
 * What to do whenever the guest says that it is about to be updated: a snapshot of it is kept, and it is told how that went.
 * A guest can say so for ever: one moment is kept at a time and at most one in ten minutes, and within these the answer
 * is how the last one went. A unit of its own keeps it, so the watchdog stays small and never waits.
 */
export function keepBeforeUpdates(
  { clock }: Pick<Machine, 'clock'>,
  keep: () => Promise<boolean>,
): (tell: TellGuest) => void {
  let startedAt = Number.NEGATIVE_INFINITY
  let last: GuestAnswer | 'under way' = 'busy'
  let wasRefused = false
  let tellLast: TellGuest = () => {}
  const refuse = (tell: TellGuest, answer: GuestAnswer) => {
    if (!wasRefused)
      log.info('A moment before an update was asked for again; at most one in ten minutes is kept.')
    wasRefused = true
    tell(answer)
  }
  return (tell) => {
    tellLast = tell
    if (last === 'under way') return
    if (clock.monotonicMs() - startedAt < restMs) return refuse(tell, last)
    startedAt = clock.monotonicMs()
    last = 'under way'
    wasRefused = false
    void keep().then((isKept) => {
      last = isKept ? 'kept' : 'busy'
      tellLast(last)
    })
  }
}

/** Never throws; the unit takes none when nothing was written since the last one, and that is as good. */
export async function keepSnapshot({ systemctl }: Machine): Promise<boolean> {
  log.info('The operating system is about to be updated: a moment of it is kept.')
  const { status } = await systemctl('start', unit)
  if (status !== 0) log.warning(`No moment was kept before the update; the journal of ${unit} says why.`)
  return status === 0
}
