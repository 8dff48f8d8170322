import { closeSync, constants, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readTextOr } from './atomic.ts'
import { filesystemInfo } from './btrfs-space.ts'

/**
 * How many of its devices a mounted btrfs has lost: it works on, and the next one takes everything along. 0 for what is no
 * btrfs, and where nobody can tell. From /sys/fs/btrfs/UUID/devinfo/N/missing, since Linux 5.6.
 */
export function missingDevices(path: string, sys = '/sys'): number {
  try {
    const folder = join(sys, 'fs/btrfs', uuidOf(path), 'devinfo')
    return readdirSync(folder).filter((id) => readTextOr(join(folder, id, 'missing'), '').trim() === '1')
      .length
  } catch {
    return 0
  }
}

function uuidOf(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return filesystemInfo(descriptor).uuid
  } finally {
    closeSync(descriptor)
  }
}
