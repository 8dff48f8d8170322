import { mkdirSync, readlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isErrno, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'

/**
 * The folder below /run in which whoever sees to the network keeps the name servers, which QEMU asks on the guest's behalf. It
 * is made when that has not started yet: QEMU keeps this folder before its eyes, and reads in it what comes later. Null when
 * /etc/resolv.conf is no link into /run.
 */
export function nameServers(machine: Machine): string | null {
  try {
    const folder = dirname(resolve('/etc', readlinkSync(join(machine.root, 'etc/resolv.conf'))))
    if (!folder.startsWith('/run/')) return null
    mkdirSync(join(machine.root, folder), { recursive: true, mode: 0o755 })
    return folder
  } catch (error) {
    // No link, or nothing at all.
    if (isErrno(error, 'EINVAL') || isErrno(error, 'ENOENT')) return null
    log.warning(`The desktop may find no name servers: ${sentenceOf(error)}`)
    return null
  }
}
