import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { readText } from '../host/atomic.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../host/errors.ts'

// Checks of what lies on the disk. Each throws DeskvisorError `no-cartridge` with one sentence that begins with `what`.

export function expectFolder(path: string, what: string): void {
  const stats = statsOf(path, what)
  if (stats === undefined) throw unusable(`${what} is missing.`)
  if (!stats.isDirectory()) throw unusable(`${what} is not a folder.`)
}

export function expectFolderOrNothing(path: string, what: string): void {
  const stats = statsOf(path, what)
  if (stats !== undefined && !stats.isDirectory()) throw unusable(`${what} is not a folder.`)
}

/** Whether there is a file; throws when something else is there, or an empty file. */
export function expectFileOrNothing(path: string, what: string, maxBytes: number): boolean {
  if (statsOf(path, what) === undefined) return false
  expectFile(path, what, maxBytes)
  return true
}

export function expectFile(path: string, what: string, maxBytes: number): void {
  const stats = statsOf(path, what)
  if (stats === undefined) throw unusable(`${what} is missing.`)
  if (!stats.isFile()) throw unusable(`${what} is not a regular file.`)
  if (stats.size === 0) throw unusable(`${what} is empty.`)
  if (stats.size > maxBytes) throw unusable(`${what} is larger than ${maxBytes} bytes.`)
}

/** Where a symbolic link points to; undefined when there is none. */
export function linkTarget(path: string, what: string): string | undefined {
  const stats = statsOf(path, what)
  if (stats === undefined) return undefined
  if (!stats.isSymbolicLink()) throw unusable(`${what} is not a symbolic link.`)
  return readlinkSync(path)
}

export function readJsonObject(path: string, what: string): Record<string, unknown> {
  let text: string
  try {
    text = readText(path, { followSymlink: false, maxBytes: 65_536 })
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw unusable(`${what} is missing.`)
    throw unusable(`${what} ${isErrno(error) ? `cannot be read: ${sentenceOf(error)}` : sentenceOf(error)}.`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw unusable(`${what} is not a JSON object.`)
}

export function unusable(sentence: string): DeskvisorError {
  return new DeskvisorError('no-cartridge', sentence, {
    next: { do: 'insert' },
  })
}

function statsOf(path: string, what: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw unusable(`${what} cannot be read: ${sentenceOf(error)}.`)
  }
}
