import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

/**
 * Restarts the machine or powers it off; resolves when systemd accepted it, throws `command-failed` when it did not.
 */
export async function endMachine(machine: Machine, verb: 'reboot' | 'poweroff'): Promise<void> {
  const { status, stderr } = await machine.systemctl(verb)
  if (status === 0) return
  const words = stderr.trim().split('\n').at(-1)
  throw new DeskvisorError('command-failed', `systemctl ${verb} ended with status ${status}: ${words}`)
}
