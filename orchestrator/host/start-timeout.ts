import { notify } from './systemd.ts'

/** Below half of WatchdogSec= of deskvisor-boot.service. */
const everyMs = 10_000
/** TimeoutStartSec= of deskvisor-boot.service, in microseconds. */
const extension = 180_000_000

/**
 * Tells systemd that the start has come one step further: from now on it may take as long as at its beginning (sd_notify(3),
 * EXTEND_TIMEOUT_USEC=). So a slow machine is given its time, and a start that stands still is ended.
 */
export function extendStartTimeout(): void {
  notify(`EXTEND_TIMEOUT_USEC=${extension}\nWATCHDOG=1`)
}

/**
 * Tells systemd that this start is alive as long as the work lasts. Where a filesystem cannot share blocks, a return to the
 * golden snapshot copies a whole disk, and neither the start's timeout nor the watchdog may kill that again and again.
 */
export async function extendingStartTimeout<Result>(
  work: () => Promise<Result>,
  periodMs = everyMs,
): Promise<Result> {
  const timer = setInterval(extendStartTimeout, periodMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
