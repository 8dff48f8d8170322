import { readText, writeFileAtomic } from '../host/atomic.ts'
import { isErrno } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { moveAside } from './move-aside.ts'

/** Console starts since the console was last healthy: 0 without a counter, null when what stands there is no number. */
export function readAttempts(root: string): number | null {
  try {
    const text = readText(paths(root).attempts, { followSymlink: false, maxBytes: 64 }).trim()
    return /^\d{1,9}$/.test(text) ? Number(text) : null
  } catch (error) {
    return isErrno(error, 'ENOENT') ? 0 : null
  }
}

/** Counts one more start, on disk before the start happens. An unreadable counter is moved aside and begins anew. */
export function countAttempt(root: string): void {
  writeAttempts(root, (readAttempts(root) ?? 0) + 1)
}

/** The console is healthy: the next boot starts from nothing. */
export function clearAttempts(root: string): void {
  if (readAttempts(root) !== 0) writeAttempts(root, 0)
}

function writeAttempts(root: string, count: number): void {
  const path = paths(root).attempts
  if (readAttempts(root) === null) moveAside(path)
  writeFileAtomic(path, `${count}\n`)
}
