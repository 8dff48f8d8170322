import { closeSync, constants, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readTextOr } from './atomic.ts'
import { ioctl } from './native.ts'

/** _IOR(0x94, 31, struct btrfs_ioctl_fs_info_args), linux/btrfs.h */
const fsInfo = 0x8400941f
/** Of struct btrfs_ioctl_fs_info_args: its size, and where the 16 bytes of the filesystem's UUID stand. */
const info = { size: 1024, uuid: 16 } as const

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
    const answer = Buffer.alloc(info.size)
    ioctl(descriptor, fsInfo, answer)
    const digits = answer.toString('hex', info.uuid, info.uuid + 16)
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  } finally {
    closeSync(descriptor)
  }
}
