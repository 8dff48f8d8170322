import type { Stats } from 'node:fs'
import {
  chmod,
  lchown,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../../host/atomic.ts'
import { isSubvolume } from '../../host/btrfs.ts'
import { isErrno } from '../../host/errors.ts'
import { copyDisk } from '../disks/copy-disk.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'
import type { CopyOptions } from './types.ts'

const writeBits = 0o222
/** The owner's, which only an ordinary user needs: root may always. */
const ownerMay = 0o700

/** An empty state folder that survives a power cut. */
export async function createFolder(path: string): Promise<void> {
  await mkdir(path)
  syncFolder(dirname(path))
}

type FolderOptions = CopyOptions & {
  /** How the topmost folder of the copy is made; mkdir(2) unless given. */
  makeFolder?: (path: string) => void
  /** Called with the complete copy before it gets its name. */
  finish?: (path: string) => void
}

/**
 * Copies a folder by shared blocks where the filesystem can, else by bytes without the zeros. Owners, modes and times
 * stay, symbolic links are copied and not followed, pipes and sockets are left out. It is made beside and renamed.
 */
export async function copyFolder(from: string, to: string, options: FolderOptions): Promise<void> {
  const beside = join(dirname(to), unfinishedPrefix + basename(to))
  await removeFolder(beside)
  const progress = progressOf(await sizeOf(from), options)
  try {
    await copyInto(from, beside, { ...options, progress })
    options.finish?.(beside)
    await rename(beside, to)
  } catch (error) {
    await removeFolder(beside)
    throw error
  }
  syncFolder(dirname(to))
}

type Progress = (addedBytes: number) => void

/** Throwing from it is how an abort ends a copy in the middle of a file. */
function progressOf(totalBytes: number, { onProgress, signal }: CopyOptions): Progress {
  let done = 0
  return (added) => {
    signal?.throwIfAborted()
    done += added
    onProgress?.(Math.min(done, totalBytes), totalBytes)
  }
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path)
  if (!stats.isDirectory()) return stats.isFile() ? stats.size : 0
  let total = 0
  for (const name of await readdir(path)) total += await sizeOf(join(path, name))
  return total
}

type CopyStep = FolderOptions & { progress: Progress }

async function copyInto(from: string, to: string, step: CopyStep): Promise<void> {
  const stats = await lstat(from)
  if (stats.isDirectory()) {
    if (step.makeFolder) step.makeFolder(to)
    else await mkdir(to, { mode: 0o700 })
    const { makeFolder: _, ...below } = step
    for (const name of await readdir(from)) await copyInto(join(from, name), join(to, name), below)
    syncFolder(to)
  } else if (stats.isFile()) {
    await copyFile(from, to, stats, step.progress)
  } else if (stats.isSymbolicLink()) {
    await symlink(await readlink(from), to)
  } else {
    return
  }
  await likeSource(to, stats, step.readOnly)
}

async function copyFile(from: string, to: string, stats: Stats, progress: Progress): Promise<void> {
  let last = 0
  await copyDisk(from, to, stats.size, stats.blocks * 512, (done) => {
    progress(done - last)
    last = done
  })
}

async function likeSource(path: string, stats: Stats, readOnly: boolean): Promise<void> {
  if (process.getuid?.() === 0) await lchown(path, stats.uid, stats.gid)
  if (!stats.isSymbolicLink()) {
    const writable = stats.mode | (stats.isDirectory() ? ownerMay : 0o600)
    await chmod(path, (readOnly ? stats.mode & ~writeBits : writable) & 0o7777)
  }
  // As numbers: a Date has milliseconds only.
  await lutimes(path, stats.atimeMs / 1000, stats.mtimeMs / 1000)
}

/** All get their other names before the disk is waited for, once. A full disk may refuse a new name: then one is removed as it is. */
export async function discardFolders(paths: readonly string[]): Promise<void> {
  const doomed: string[] = []
  for (const path of paths) {
    const other = join(dirname(path), unfinishedPrefix + basename(path))
    await removeFolder(other)
    const isRenamed = await rename(path, other).then(
      () => true,
      (error: unknown) => {
        if (isErrno(error, 'ENOENT')) return true
        if (isErrno(error, 'ENOSPC', 'EDQUOT')) return false
        throw error
      },
    )
    doomed.push(isRenamed ? other : path)
  }
  for (const folder of new Set(paths.map(dirname))) syncFolder(folder)
  for (const path of doomed) await removeFolder(path)
}

type RemoveSubvolume = (path: string) => Promise<void>

/** Removes a file, link or folder with everything in it, read-only or not; follows no link. */
export async function removeFolder(path: string, removeSubvolume?: RemoveSubvolume): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isDirectory()) {
    // Not asked for nothing: on a full disk even that is refused.
    if ((stats.mode & ownerMay) !== ownerMay) await chmod(path, stats.mode | ownerMay)
    await removeContents(path, removeSubvolume)
  }
  // The folder is empty now; rm(1) of an emptied subvolume works as well.
  await rm(path, { recursive: true, force: true })
}

export async function removeContents(path: string, removeSubvolume?: RemoveSubvolume): Promise<void> {
  for (const name of await readdir(path)) {
    const inside = join(path, name)
    if (removeSubvolume && isSubvolume(inside)) await removeSubvolume(inside)
    else await removeFolder(inside, removeSubvolume)
  }
}
