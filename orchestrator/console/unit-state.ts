import type { Machine } from '../host/machine.ts'
import { consoleUnit } from './unit.ts'

/** Whether the console's unit has ended, and systemd's word for how (systemd.exec(5), `$SERVICE_RESULT`). */
export async function readUnit(machine: Machine): Promise<{ ended: boolean; result: string }> {
  const { status, stdout } = await machine.systemctl('show', '--property=ActiveState,Result', consoleUnit)
  const value = (name: string) => stdout.match(new RegExp(`^${name}=([a-z-]+)$`, 'm'))?.[1]
  const ended = status === 0 && ['inactive', 'failed'].includes(value('ActiveState') ?? '')
  return { ended, result: value('Result') ?? 'success' }
}

/** Ends QEMU at once; what it has not written back is lost. */
export async function killUnit(machine: Machine): Promise<void> {
  await machine.systemctl('kill', '--signal=KILL', consoleUnit)
}
