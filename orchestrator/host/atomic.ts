import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { besideOf } from './beside.ts'
import { isErrno } from './errors.ts'
import { writeAll } from './output.ts'

const mebibyte = 1024 * 1024

/**
 * Replaces a file so that a crash at any moment leaves the old text or the new one, never neither:
 * write beside it, fsync, rename, fsync the folder (LWN 457667). Missing folders are made.
 * Throws the errno of the call that failed, for example EISDIR when `path` is a folder.
 */
export function writeFileAtomic(path: string, text: string, mode = 0o644): void {
  const folder = dirname(path)
  makeFolder(folder)
  const beside = besideOf(path)
  try {
    writeSynced(beside, text, mode)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(folder)
}

/** Makes a folder and what is missing above it, so that they survive a power cut; does nothing when it is there. */
export function makeFolder(folder: string): void {
  const first = makeMissing(folder)
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made))
}

/** The topmost folder that was made. Where the filesystem is read-only, Node's recursion says ENOENT, and mkdir(2) the truth. */
function makeMissing(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true })
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
    let missing = folder
    while (!existsSync(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing)
    mkdirSync(missing)
    return makeMissing(folder) ?? missing
  }
}

/** Makes a rename or a new name in this folder survive a power cut. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes the contents of a file that was written by other means survive a power cut. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeSynced(path: string, text: string, mode: number): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    writeAll(descriptor, Buffer.from(text))
    fchmodSync(descriptor, mode)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The text of a file, or `fallback` when there is none to be had: missing, a folder, a pipe, a symlink loop,
 * not UTF-8, or more than `maxBytes`. Never throws and never blocks; fit for sysfs and procfs.
 */
export function readTextOr<Fallback>(
  path: string,
  fallback: Fallback,
  maxBytes = mebibyte,
): string | Fallback {
  try {
    return readText(path, { maxBytes })
  } catch {
    return fallback
  }
}

/** The parsed JSON of a file; undefined when it is missing, unreadable or not JSON. */
export function readJson(path: string): unknown | undefined {
  const text = readTextOr(path, undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The text of a regular file. Throws an errno (ENOENT, ELOOP, …), or an error whose message continues a sentence
 * that begins with the file's name: "is not a regular file", "is larger than 1048576 bytes", "is not UTF-8 text".
 */
export function readText(path: string, options: { maxBytes?: number; followSymlink?: boolean } = {}): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readBytes(path, options))
  } catch (error) {
    if (error instanceof TypeError) throw new Error('is not UTF-8 text', { cause: error })
    throw error
  }
}

/** The contents of a regular file; throws as `readText` does. */
export function readBytes(
  path: string,
  options: { maxBytes?: number; followSymlink?: boolean } = {},
): Buffer {
  const { maxBytes = mebibyte, followSymlink = true } = options
  // O_NONBLOCK: opening a named pipe would otherwise wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followSymlink ? 0 : constants.O_NOFOLLOW)
  const descriptor = openSync(path, flags)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error('is not a regular file')
    return readAtMost(descriptor, maxBytes)
  } finally {
    closeSync(descriptor)
  }
}

/** Reads to the end, because the size that sysfs reports is not the size of what it gives. */
function readAtMost(descriptor: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = []
  let total = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(16_384, maxBytes + 1 - total))
    const count = readSync(descriptor, chunk, 0, chunk.length, null)
    if (count === 0) return Buffer.concat(chunks, total)
    total += count
    if (total > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`)
    chunks.push(chunk.subarray(0, count))
  }
}
