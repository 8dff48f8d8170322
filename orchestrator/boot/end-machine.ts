import { DeskvisorError } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'

/**
 * Restarts the machine or powers it off; resolves when systemd accepted it, throws `command-failed` when it did not.
 * A tree below --root is not the running machine: then only a line in the log says what would happen.
 */
export async function endMachine(machine: Machine, verb: 'reboot' | 'poweroff'): Promise<void> {
  if (!machine.live) {
    log.info(`A machine with ${machine.root} as its root would ${verb} now.`)
    return
  }
  const { status, stderr } = await machine.systemctl(verb)
  if (status === 0) return
  const words = stderr.trim().split('\n').at(-1)
  throw new DeskvisorError('command-failed', `systemctl ${verb} ended with status ${status}: ${words}`)
}
