import { closeSync, constants, lstatSync, openSync, statfsSync } from 'node:fs'
import { ioctl } from './native.ts'

/** BTRFS_SUPER_MAGIC, statfs(2). */
const superMagic = 0x9123683e
/** BTRFS_FIRST_FREE_OBJECTID, linux/btrfs_tree.h: the inode number of the top folder of every subvolume, and of nothing else. */
const topFolderInode = 256n

/** Requests of ioctl(2), linux/btrfs.h; the numbers are those of every architecture that has a PC's firmware. */
const request = {
  /** _IO(0x94, 8) */
  sync: 0x9408,
  /** _IOW(0x94, 23, struct btrfs_ioctl_vol_args_v2) */
  snapCreate: 0x50009417,
  /** _IOW(0x94, 24, struct btrfs_ioctl_vol_args_v2) */
  subvolCreate: 0x50009418,
  /** _IOW(0x94, 63, struct btrfs_ioctl_vol_args_v2), since Linux 5.7 */
  snapDestroy: 0x5000943f,
  /** _IOR(0x94, 25, __u64) */
  getFlags: 0x80089419,
  /** _IOW(0x94, 26, __u64) */
  setFlags: 0x4008941a,
  /** _IOR(0x94, 60, struct btrfs_ioctl_get_subvol_info_args), since Linux 4.18 */
  subvolInfo: 0x81f8943c,
} as const

/** BTRFS_SUBVOL_RDONLY */
const readOnlyFlag = 2n
/** Of struct btrfs_ioctl_vol_args_v2: its size, and where `flags` and `name` (BTRFS_SUBVOL_NAME_MAX is 4039) stand in it. */
const volume = { size: 4096, flags: 16, name: 56 } as const
/** Of struct btrfs_ioctl_get_subvol_info_args. */
const info = { size: 504, id: 0, generation: 280, createdIn: 352 } as const

export type SubvolumeInfo = {
  /** The number of its tree; grows with every new subvolume. */
  id: bigint
  /** The transaction that changed it last, and the one that made it. */
  generation: bigint
  createdIn: bigint
}

/** Whether a path is on btrfs. Throws the errno of statfs(2). */
export function isBtrfs(path: string): boolean {
  return statfsSync(path).type === superMagic
}

/** Whether a path is the top folder of a subvolume; false for anything else, and for what is not there. */
export function isSubvolume(path: string): boolean {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats?.isDirectory() === true && stats.ino === topFolderInode && isBtrfs(path)
}

/** Makes an empty subvolume `folder`/`name`. Throws an errno, EEXIST when something has that name. */
export function createSubvolume(folder: string, name: string): void {
  withFolder(folder, (descriptor) => ioctl(descriptor, request.subvolCreate, volumeArguments(name)))
}

/**
 * Makes `folder`/`name` a snapshot of a subvolume: the whole of it at one moment, or nothing. What was written to it
 * before is in it, synced or not. It survives a power cut once this returned, because the kernel commits.
 */
export function snapshotSubvolume(
  source: string,
  folder: string,
  name: string,
  options: { readOnly: boolean },
): void {
  withFolder(source, (sourceDescriptor) => {
    const argument = volumeArguments(name)
    argument.writeBigInt64LE(BigInt(sourceDescriptor), 0)
    argument.writeBigUInt64LE(options.readOnly ? readOnlyFlag : 0n, volume.flags)
    withFolder(folder, (descriptor) => ioctl(descriptor, request.snapCreate, argument))
  })
}

/** Commits the transaction, and wakes what frees removed subvolumes. */
export function commitFilesystem(folder: string): void {
  withFolder(folder, (descriptor) => ioctl(descriptor, request.sync, Buffer.alloc(0)))
}

/** Removes the subvolume `folder`/`name`, read-only or not; its space comes back later. ENOTEMPTY: there is another one in it. */
export function destroySubvolume(folder: string, name: string): void {
  withFolder(folder, (descriptor) => ioctl(descriptor, request.snapDestroy, volumeArguments(name)))
}

export function setSubvolumeReadOnly(path: string, readOnly: boolean): void {
  withFolder(path, (descriptor) => {
    const flags = Buffer.alloc(8)
    ioctl(descriptor, request.getFlags, flags)
    const others = flags.readBigUInt64LE() & ~readOnlyFlag
    flags.writeBigUInt64LE(readOnly ? others | readOnlyFlag : others)
    ioctl(descriptor, request.setFlags, flags)
  })
}

/** Throws an errno, EINVAL or ENOTTY when the path is not on btrfs. */
export function subvolumeInfo(path: string): SubvolumeInfo {
  return withFolder(path, (descriptor) => {
    const answer = Buffer.alloc(info.size)
    ioctl(descriptor, request.subvolInfo, answer)
    return {
      id: answer.readBigUInt64LE(info.id),
      generation: answer.readBigUInt64LE(info.generation),
      createdIn: answer.readBigUInt64LE(info.createdIn),
    }
  })
}

function volumeArguments(name: string): Buffer {
  const argument = Buffer.alloc(volume.size)
  argument.write(name, volume.name, 'utf8')
  return argument
}

/** Never through a symbolic link: what is removed or copied must be where it seems to be. */
function withFolder<Result>(path: string, work: (descriptor: number) => Result): Result {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return work(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
