import { join } from 'node:path'
import { readTextOr } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

/** The system user that QEMU runs as; made by systemd-sysusers. */
export const consoleUserName = 'deskvisor-console'

/**
 * User and group number of QEMU's user, from the machine's /etc/passwd.
 * Throws `no-console-user` when the account is missing.
 */
export function consoleUser(machine: Machine): { uid: number; gid: number } {
  const fields = readTextOr(join(machine.root, 'etc/passwd'), '')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === consoleUserName)
  const uid = Number(fields?.[2])
  const gid = Number(fields?.[3])
  if (fields?.[2] && fields[3] && Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid }
  throw new DeskvisorError('no-console-user', `The system user ${consoleUserName} is missing.`, {
    hint: 'Run systemd-sysusers, or install Deskvisor again.',
  })
}
