import { consoleUnit } from '../host/desktop-state.ts'
import type { Machine } from '../host/machine.ts'

/** Ends QEMU at once; what it has not written back is lost. */
export async function killUnit(machine: Machine): Promise<void> {
  await machine.systemctl('kill', '--signal=KILL', consoleUnit)
}
