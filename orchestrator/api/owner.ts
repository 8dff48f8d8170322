import { readTextOr } from '../host/atomic.ts'

/** The process that does something: its number, and when it started (the number may be used again). */
export type Owner = { pid: number; started: string }

export function thisProcess(): Owner {
  return { pid: process.pid, started: startOf(process.pid) }
}

/** Whether the process of a record is still there; not for garbage. */
export function isAlive({ pid, started }: Record<string, unknown>): boolean {
  return typeof pid === 'number' && Number.isSafeInteger(pid) && started !== '' && startOf(pid) === started
}

/** Field 22 of proc_pid_stat(5): when the process started, in clock ticks after boot; empty when there is none. */
function startOf(pid: number): string {
  const text = readTextOr(`/proc/${pid}/stat`, '')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
