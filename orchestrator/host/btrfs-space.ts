import { closeSync, constants, openSync } from 'node:fs'
import { ioctl } from './native.ts'

/** Requests of ioctl(2), linux/btrfs.h; none of them needs a capability. */
const request = {
  /** _IOWR(0x94, 20, struct btrfs_ioctl_space_args) */
  spaceInfo: 0xc0109414,
  /** _IOWR(0x94, 30, struct btrfs_ioctl_dev_info_args) */
  deviceInfo: 0xd000941e,
  /** _IOR(0x94, 31, struct btrfs_ioctl_fs_info_args) */
  filesystemInfo: 0x8400941f,
} as const
/** struct btrfs_ioctl_space_args: how many fit, how many there are; then per kind of space flags, total and used. */
const space = { header: 16, entry: 24, most: 64 } as const
/** struct btrfs_ioctl_dev_info_args */
const device = { size: 4096, used: 24, total: 32 } as const
/** struct btrfs_ioctl_fs_info_args: the highest number of a device stands first; where the 16 bytes of the UUID do. */
const filesystem = { size: 1024, uuid: 16 } as const

/** linux/btrfs_tree.h, BTRFS_BLOCK_GROUP_* and BTRFS_SPACE_INFO_GLOBAL_RSV. */
const data = 1n
const metadata = 4n
const globalReserve = 1n << 49n
const twoCopies = (1n << 4n) | (1n << 5n) | (1n << 6n)
const threeCopies = 1n << 9n
const fourCopies = 1n << 10n

/** How a btrfs has divided its disks, in bytes (btrfs-filesystem(8), "usage"). */
export type BtrfsSpace = {
  /** What is set aside for file contents, and how much of that is used. */
  data: { total: number; used: number }
  /** The same for the filesystem's own trees, without what only the kernel may use, its global reserve. */
  metadata: { total: number; used: number }
  /** Set aside for nothing yet; written so many times when it becomes metadata. */
  unallocated: number
  metadataCopies: number
  /** Small filesystems may keep both kinds in the same place; then `data` and `metadata` are the same numbers. */
  isMixed: boolean
}

/** Throws the errno of ioctl(2), ENOTTY where a path is not on btrfs. */
export function btrfsSpace(path: string): BtrfsSpace {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return summed(kindsOfSpace(descriptor), unallocatedBytes(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/** What a btrfs is called, and the highest number that one of its devices has. Throws the errno of ioctl(2). */
export function filesystemInfo(descriptor: number): { uuid: string; highestDevice: bigint } {
  const answer = Buffer.alloc(filesystem.size)
  ioctl(descriptor, request.filesystemInfo, answer)
  const digits = answer.toString('hex', filesystem.uuid, filesystem.uuid + 16)
  const uuid = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { uuid, highestDevice: answer.readBigUInt64LE(0) }
}

type Kind = { flags: bigint; total: number; used: number }

function kindsOfSpace(descriptor: number): Kind[] {
  const argument = Buffer.alloc(space.header + space.most * space.entry)
  argument.writeBigUInt64LE(BigInt(space.most), 0)
  ioctl(descriptor, request.spaceInfo, argument)
  const count = Math.min(space.most, Number(argument.readBigUInt64LE(8)))
  return Array.from({ length: count }, (_, index) => {
    const at = space.header + index * space.entry
    const [total, used] = [argument.readBigUInt64LE(at + 8), argument.readBigUInt64LE(at + 16)]
    return { flags: argument.readBigUInt64LE(at), total: Number(total), used: Number(used) }
  })
}

function unallocatedBytes(descriptor: number): number {
  const { highestDevice } = filesystemInfo(descriptor)
  let bytes = 0
  for (let id = 1n; id <= highestDevice; id++) {
    const argument = Buffer.alloc(device.size)
    argument.writeBigUInt64LE(id, 0)
    try {
      ioctl(descriptor, request.deviceInfo, argument)
      bytes += Number(argument.readBigUInt64LE(device.total) - argument.readBigUInt64LE(device.used))
    } catch {
      // Numbers of devices that were removed stay unused.
    }
  }
  return bytes
}

function summed(kinds: readonly Kind[], unallocated: number): BtrfsSpace {
  const own = kinds.filter(({ flags }) => (flags & globalReserve) === 0n)
  const ofMetadata = own.filter(({ flags }) => (flags & metadata) !== 0n)
  const kernels = sum(
    kinds.filter(({ flags }) => (flags & globalReserve) !== 0n),
    'total',
  )
  const total = sum(ofMetadata, 'total')
  return {
    data: both(own.filter(({ flags }) => (flags & data) !== 0n)),
    metadata: { total, used: Math.min(total, sum(ofMetadata, 'used') + kernels) },
    unallocated,
    metadataCopies: Math.max(1, ...ofMetadata.map(({ flags }) => copies(flags))),
    isMixed: ofMetadata.some(({ flags }) => (flags & data) !== 0n),
  }
}

function both(kinds: readonly Kind[]): { total: number; used: number } {
  return { total: sum(kinds, 'total'), used: sum(kinds, 'used') }
}

function sum(kinds: readonly Kind[], what: 'total' | 'used'): number {
  return kinds.reduce((bytes, kind) => bytes + kind[what], 0)
}

function copies(flags: bigint): number {
  if ((flags & fourCopies) !== 0n) return 4
  if ((flags & threeCopies) !== 0n) return 3
  return (flags & twoCopies) !== 0n ? 2 : 1
}
