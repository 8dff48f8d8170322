import { readText, writeFileAtomic } from '../host/atomic.ts'
import { isErrno } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { moveAside } from './move-aside.ts'

/** Console starts since the console was last healthy: 0 without a counter, null when what stands there is no number. */
export function readAttempts(machine: Machine): number | null {
  try {
    const text = readText(machine.paths.attempts, { followSymlink: false, maxBytes: 64 }).trim()
    return /^\d{1,9}$/.test(text) ? Number(text) : null
  } catch (error) {
    return isErrno(error, 'ENOENT') ? 0 : null
  }
}

/** Counts one more start, on disk before the start happens. An unreadable counter is moved aside and begins anew. */
export function countAttempt(machine: Machine): void {
  writeAttempts(machine, (readAttempts(machine) ?? 0) + 1)
}

/** The console is healthy: the next boot starts from nothing. */
export function clearAttempts(machine: Machine): void {
  if (readAttempts(machine) !== 0) writeAttempts(machine, 0)
}

function writeAttempts(machine: Machine, count: number): void {
  const path = machine.paths.attempts
  if (readAttempts(machine) === null) moveAside(path)
  writeFileAtomic(path, `${count}\n`)
}
