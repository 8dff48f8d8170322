import type { Machine } from '../host/machine.ts'
import { extendStartTimeout } from '../host/start-timeout.ts'

/**
 * Pinning all memory of a large machine and setting up its devices takes tens of seconds, and on a slow or busy machine
 * minutes. So a program is given up only when it has used no processor time at all for so long.
 */
const standstillSeconds = 90
const lookEveryMs = 300

/** Waits for a unit's program to be ready, to have ended, or to stand still. */
export async function untilReady(
  machine: Machine,
  unit: string,
  isReady: () => Promise<boolean> | boolean,
): Promise<'ready' | 'ended' | 'standstill'> {
  const { clock } = machine
  let usedSoFar = ''
  let deadline = clock.monotonicMs() + standstillSeconds * 1000
  let nextLook = clock.monotonicMs() + lookEveryMs
  while (clock.monotonicMs() < deadline) {
    // The caller's unit is watched by systemd, too.
    extendStartTimeout()
    if (await isReady()) return 'ready'
    if (clock.monotonicMs() > nextLook) {
      const { ended, used } = await look(machine, unit)
      if (ended) return 'ended'
      if (used !== usedSoFar) deadline = clock.monotonicMs() + standstillSeconds * 1000
      usedSoFar = used
      nextLook = clock.monotonicMs() + lookEveryMs
    }
    await clock.sleep(20)
  }
  return 'standstill'
}

/** Whether a program has ended, which it has not while its job waits for its turn, and the processor time that it has used. */
async function look(machine: Machine, unit: string): Promise<{ ended: boolean; used: string }> {
  const { stdout } = await machine.systemctl('show', '--property=ActiveState,Job,CPUUsageNSec', unit)
  return {
    ended: /^ActiveState=(?:inactive|failed)$/m.test(stdout) && !/^Job=[1-9]/m.test(stdout),
    used: /^CPUUsageNSec=(\d+)$/m.exec(stdout)?.[1] ?? '',
  }
}
