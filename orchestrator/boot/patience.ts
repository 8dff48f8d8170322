import { notify } from '../host/systemd.ts'

/** Below half of WatchdogSec= of deskvisor-boot.service. */
const everyMs = 10_000
/** How much longer the start may take, counted from each time: sd_notify(3), EXTEND_TIMEOUT_USEC=. */
const extension = 60_000_000

/**
 * Tells systemd that this start is alive as long as the work lasts. Where a filesystem cannot share blocks, a return to the
 * golden moment copies a whole disk, and neither the start's timeout nor the watchdog may kill that again and again.
 */
export async function withPatience<Result>(work: () => Promise<Result>, periodMs = everyMs): Promise<Result> {
  const ask = () => notify(`EXTEND_TIMEOUT_USEC=${extension}\nWATCHDOG=1`)
  const timer = setInterval(ask, periodMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
