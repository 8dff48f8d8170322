import { closeSync, constants, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { commitFilesystem, isBtrfs } from './btrfs.ts'
import { ioctl } from './native.ts'

/** _IOWR(0x94, 17, struct btrfs_ioctl_search_args_v2), linux/btrfs.h; needs CAP_SYS_ADMIN. */
const treeSearch = 0xc0709411
/** struct btrfs_ioctl_search_key, then the size of the buffer, then the buffer. */
const buffer = { size: 104, start: 112, bytes: 65_536 } as const
/** struct btrfs_ioctl_search_header: transid, objectid, offset, type, len. */
const headerBytes = 32
const largest = 0xffff_ffff_ffff_ffffn

/** linux/btrfs_tree.h */
const key = { orphanItem: 48, extentData: 108 } as const
const rootTree = 1n
/** BTRFS_ORPHAN_OBJECTID, -5: removed subvolumes that the cleaner has not freed yet. */
const orphans = 0xffff_ffff_ffff_fffbn
/** struct btrfs_file_extent_item: packed, so the numbers stand at odd places. */
const extent = { generation: 0, type: 20, diskAddress: 21, length: 45, regular: 1 } as const

type Item = { objectid: bigint; type: number; offset: bigint; data: Buffer }
type Range = {
  /** 0n: the tree of the subvolume that the folder is in. */
  tree: bigint
  objectid?: bigint
  type: number
  /** Leaves that no transaction after this one wrote are left out. */
  afterGeneration?: bigint
}

/**
 * Bytes of the files in a subvolume that were written after a transaction and are still there, in the manner of
 * `btrfs subvolume find-new`: reads the metadata that changed since, and no data.
 */
export async function bytesWrittenAfter(subvolume: string, generation: bigint): Promise<number> {
  return withFolder(subvolume, async (descriptor) => {
    let total = 0
    for await (const { data } of search(descriptor, {
      tree: 0n,
      type: key.extentData,
      afterGeneration: generation,
    })) {
      const isData = data[extent.type] === extent.regular && data.readBigUInt64LE(extent.diskAddress) !== 0n
      if (isData && data.readBigUInt64LE(extent.generation) > generation) {
        total += Number(data.readBigUInt64LE(extent.length))
      }
    }
    return total
  })
}

/**
 * Whether to stop making room: there is enough, or nobody knows yet how much was freed, for that goes on in the background;
 * until it is known, nothing more goes.
 */
export async function isRoomMade(folder: string, isEnough: () => boolean): Promise<boolean> {
  return isEnough() || !(await removedSubvolumesAreFreed(folder)) || isEnough()
}

/**
 * Waits until the space of every removed subvolume is free again, which btrfs sees to in the background
 * (btrfs-subvolume(8), "delete"); elsewhere it is so at once. False when that takes longer than `timeoutMs`.
 */
export async function removedSubvolumesAreFreed(folder: string, timeoutMs = 30_000): Promise<boolean> {
  if (!isBtrfs(folder)) return true
  return withFolder(folder, async (descriptor) => {
    for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await sleep(50)) {
      commitFilesystem(folder)
      const left = search(descriptor, { tree: rootTree, objectid: orphans, type: key.orphanItem })
      if (!(await left.next()).done) continue
      // What the running transaction freed can be used when it is committed.
      commitFilesystem(folder)
      return true
    }
    return false
  })
}

/** The items of one type in a tree. Gives other work a turn after every 64 KiB of them. */
async function* search(descriptor: number, range: Range): AsyncGenerator<Item> {
  const { objectid, type } = range
  let from = { objectid: objectid ?? 0n, type, offset: 0n }
  for (;;) {
    const items = searchOnce(descriptor, range, from)
    yield* items.filter((item) => item.type === type)
    const last = items.at(-1)
    if (last === undefined) return
    const next = after(last)
    if (next === undefined || next.objectid > (objectid ?? largest)) return
    from = next
    await sleep(0)
  }
}

/** What follows a key in the linear order of (objectid, type, offset). */
function after({
  objectid,
  type,
  offset,
}: Item): { objectid: bigint; type: number; offset: bigint } | undefined {
  if (offset < largest) return { objectid, type, offset: offset + 1n }
  return objectid < largest ? { objectid: objectid + 1n, type: 0, offset: 0n } : undefined
}

function searchOnce(
  descriptor: number,
  { tree, objectid, type, afterGeneration }: Range,
  from: { objectid: bigint; type: number; offset: bigint },
): Item[] {
  const argument = Buffer.alloc(buffer.start + buffer.bytes)
  const words = [tree, from.objectid, objectid ?? largest, from.offset, largest]
  for (const [index, word] of [...words, (afterGeneration ?? -1n) + 1n, largest].entries()) {
    argument.writeBigUInt64LE(word, index * 8)
  }
  argument.writeUInt32LE(from.type, 56)
  argument.writeUInt32LE(type, 60)
  argument.writeUInt32LE(0xffff_ffff, 64)
  argument.writeBigUInt64LE(BigInt(buffer.bytes), buffer.size)
  ioctl(descriptor, treeSearch, argument)
  return itemsOf(argument.subarray(buffer.start), argument.readUInt32LE(64))
}

function itemsOf(bytes: Buffer, count: number): Item[] {
  const items: Item[] = []
  for (let at = 0; items.length < count; ) {
    const length = bytes.readUInt32LE(at + 28)
    items.push({
      objectid: bytes.readBigUInt64LE(at + 8),
      offset: bytes.readBigUInt64LE(at + 16),
      type: bytes.readUInt32LE(at + 24),
      data: bytes.subarray(at + headerBytes, at + headerBytes + length),
    })
    at += headerBytes + length
  }
  return items
}

async function withFolder<Result>(
  path: string,
  work: (descriptor: number) => Promise<Result>,
): Promise<Result> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return await work(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
