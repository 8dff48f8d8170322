import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ioctl } from './native.ts'

/** FS_IOC_FIEMAP, _IOWR('f', 11, struct fiemap); Documentation/filesystems/fiemap.rst */
const fiemap = 0xc020660b
/** struct fiemap and struct fiemap_extent, linux/fiemap.h */
const header = { size: 32, length: 8, mapped: 20, count: 24 } as const
const extent = { size: 56, physical: 8, length: 16, flags: 40 } as const
const perCall = 1000
/** FIEMAP_EXTENT_LAST, _DATA_INLINE (stands in the metadata), _SHARED (another file uses the same blocks). */
const last = 0x1
const inline = 0x200
const shared = 0x2000

export type Allocated = {
  /** Bytes of a file on the disk, and how many of them no other file or snapshot uses. */
  total: number
  exclusive: number
  /** In so many pieces. */
  extents: number
}

/** Reads no data. Throws an errno, EOPNOTSUPP or ENOTTY where the filesystem cannot tell. */
export async function allocatedBytes(path: string): Promise<Allocated> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const sum = { total: 0, exclusive: 0, extents: 0 }
    for (let start: bigint | undefined = 0n; start !== undefined; await sleep(0)) {
      start = addExtents(descriptor, start, sum)
    }
    return sum
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Whether two files of one btrfs hold their data in the same blocks. A write there always goes to new ones, so two that were
 * copied by sharing blocks hold the same as long as this is so. Reads no data but of files so small that they have no blocks.
 */
export function haveSameBlocks(one: string, other: string): boolean {
  const [blocks, others] = [blocksOf(one), blocksOf(other)]
  if (blocks === null || others === null)
    return blocks === others && readFileSync(one).equals(readFileSync(other))
  return blocks.equals(others)
}

/** Where each extent begins in the file and on the disk, and its length; null for data that stands in the metadata. */
function blocksOf(path: string): Buffer | null {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const blocks: Buffer[] = []
    for (let start: bigint | undefined = 0n; start !== undefined; ) {
      const argument = mapFrom(descriptor, start)
      const mapped = argument.readUInt32LE(header.mapped)
      start = undefined
      for (let at = header.size; at < header.size + mapped * extent.size; at += extent.size) {
        const flags = argument.readUInt32LE(at + extent.flags)
        if (flags & inline) return null
        blocks.push(argument.subarray(at, at + extent.length + 8))
        if (!(flags & last))
          start = argument.readBigUInt64LE(at) + argument.readBigUInt64LE(at + extent.length)
      }
    }
    return Buffer.concat(blocks)
  } finally {
    closeSync(descriptor)
  }
}

function mapFrom(descriptor: number, start: bigint): Buffer {
  const argument = Buffer.alloc(header.size + perCall * extent.size)
  argument.writeBigUInt64LE(start, 0)
  argument.writeBigUInt64LE(0xffff_ffff_ffff_ffffn - start, header.length)
  argument.writeUInt32LE(perCall, header.count)
  ioctl(descriptor, fiemap, argument)
  return argument
}

/** Adds the extents from `start` on; gives where to go on, undefined at the end. */
function addExtents(descriptor: number, start: bigint, sum: Allocated): bigint | undefined {
  const argument = mapFrom(descriptor, start)
  const mapped = argument.readUInt32LE(header.mapped)
  sum.extents += mapped
  let next: bigint | undefined
  for (let at = header.size; at < header.size + mapped * extent.size; at += extent.size) {
    const length = argument.readBigUInt64LE(at + extent.length)
    const flags = argument.readUInt32LE(at + extent.flags)
    if (!(flags & inline)) sum.total += Number(length)
    if (!(flags & (inline | shared))) sum.exclusive += Number(length)
    next = flags & last ? undefined : argument.readBigUInt64LE(at) + length
  }
  return next
}
