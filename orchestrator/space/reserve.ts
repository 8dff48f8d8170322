import { lstatSync, rmSync, statfsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../host/atomic.ts'
import { commitFilesystem, createSubvolume, destroySubvolume, isBtrfs, isSubvolume } from '../host/btrfs.ts'
import { removedSubvolumesAreFreed } from '../host/btrfs-search.ts'
import type { Machine } from '../host/machine.ts'
import { isLackOfSpace } from '../host/storage-error.ts'

/** Each half of the reserve: a snapshot, a swapped link and a few notes need about a quarter of it, which is the smallest. */
const largestBytes = 16 * 2 ** 20
const smallestBytes = 4 * 2 ** 20
/** On a small data partition no more than this part of it. */
const share = 1 / 64
/** The target of a symbolic link stands in btrfs's own tables, up to PATH_MAX; nothing else is sure to do so. */
const targetBytes = 4000

/** Whether there is a whole reserve. Its contents are written last: one that a power cut left half made counts as none. */
export function hasReserve(machine: Machine): boolean {
  const { data, reserveContents } = machine.paths
  return statSync(reserveContents, { throwIfNoEntry: false })?.size === wantedBytes(data)
}

/**
 * Sets room aside for Deskvisor's own changes, in contents and in btrfs's own tables, that nothing else can use up: whatever a
 * guest writes, who goes back, deletes or makes room gets it by `spendReserve`. Takes the place of one that is there. Where it
 * does not fit, there is a smaller one, or none. Throws errno.
 */
export function makeReserve(machine: Machine): void {
  const { data, reserve } = machine.paths
  const wanted = wantedBytes(data)
  for (let bytes = wanted; bytes >= wanted / 8; bytes = Math.floor(bytes / 2)) {
    remove(reserve)
    try {
      fill(machine, bytes)
      return
    } catch (error) {
      remove(reserve)
      if (!isLackOfSpace(error)) throw error
    }
  }
}

function wantedBytes(data: string): number {
  const { blocks, bsize } = statfsSync(data)
  return Math.min(largestBytes, Math.max(smallestBytes, Math.floor(blocks * bsize * share)))
}

function fill(machine: Machine, bytes: number): void {
  const { data, reserve, reserveContents } = machine.paths
  if (isBtrfs(data)) fillTables(reserve, bytes)
  else makeFolder(reserve)
  writeFileSync(reserveContents, Buffer.alloc(bytes), { flush: true })
  syncFolder(reserve)
  syncFolder(data)
}

/**
 * Gives the reserve up, for a moment: nobody else may write meanwhile, and `makeReserve` follows. Resolves to false when there was none.
 * Works with nothing free. Throws errno.
 */
export async function spendReserve(machine: Machine): Promise<boolean> {
  const { data, reserve } = machine.paths
  if (lstatSync(reserve, { throwIfNoEntry: false }) === undefined) return false
  remove(reserve)
  await removedSubvolumesAreFreed(data)
  return true
}

function fillTables(reserve: string, bytes: number): void {
  createSubvolume(dirname(reserve), basename(reserve))
  const target = 'x'.repeat(targetBytes)
  for (let number = 0; number * targetBytes < bytes; number++) symlinkSync(target, join(reserve, `${number}`))
}

function remove(reserve: string): void {
  if (!isSubvolume(reserve)) {
    rmSync(reserve, { recursive: true, force: true })
    return
  }
  destroySubvolume(dirname(reserve), basename(reserve))
  commitFilesystem(dirname(reserve))
}
