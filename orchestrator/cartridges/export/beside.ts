import { constants, existsSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { besideOf, besidePrefix, isBeside } from '../../host/beside.ts'

/** What this process writes now. */
const writing = new Set<string>()

export type Beside = {
  path: string
  file: FileHandle
  /** Closes the file, and takes this name of it away. False when that cannot be. */
  remove: () => Promise<boolean>
}

/** A new file of which nobody knows the name before, for its owner alone, in the folder of `file`. Throws errno. */
export async function openBeside(file: string): Promise<Beside> {
  const path = besideOf(file, String(process.pid))
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  writing.add(path)
  try {
    const opened = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    const remove = async () => {
      await opened.close().catch(() => {})
      writing.delete(path)
      return removed(path)
    }
    return { path, file: opened, remove }
  } catch (error) {
    writing.delete(path)
    throw error
  }
}

/**
 * Removes what exports of this name left that were killed: nobody else ever looks there, and it may be as large as a disk.
 * In a folder of everybody, that is only what this user wrote. Never throws.
 */
export function removeHalves(file: string): void {
  const folder = dirname(file)
  const prefix = besidePrefix(basename(file))
  for (const entry of entriesOf(folder)) {
    if (!entry.startsWith(prefix) || !isBeside(entry)) continue
    const pid = /^(\d+)\.[0-9a-f]+\.new$/.exec(entry.slice(prefix.length))?.[1]
    const path = join(folder, entry)
    if (pid !== undefined && !isWritten(path, pid) && isOwnFile(path)) removed(path)
  }
}

function isWritten(path: string, pid: string): boolean {
  return Number(pid) === process.pid ? writing.has(path) : existsSync(`/proc/${pid}`)
}

function isOwnFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true && stats.uid === process.geteuid?.()
}

function removed(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // One may be able to write where nobody can read.
    return []
  }
}
