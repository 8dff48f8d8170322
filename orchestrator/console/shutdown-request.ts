/** Seconds for a guest that the machine asks to shut down. */
export type ShutdownTimeouts = {
  shutdown: number
  /** For one that had its time already, and may be switched off now. */
  lastChance: number
  /** QEMU's time to write back the disk after it was told to quit. */
  quit: number
}

/** Windows with updates to finish takes minutes. */
export const defaultTimeouts: ShutdownTimeouts = { shutdown: 180, lastChance: 15, quit: 20 }

/** A guest that ends within so many seconds after it was asked to does so because of that. */
const answerSeconds = 900

/**
 * Since when a guest counts as asked, and the seconds that it gets from `now` on. Everybody gets the whole time; a guest
 * that may be switched off and was asked before gets what is left of it, and a last chance at least. `before` and `now`
 * are monotonic seconds.
 */
export function askToEnd(
  { before, now, force }: { before: number | null; now: number; force: boolean },
  { shutdown, lastChance }: ShutdownTimeouts,
): { since: number; seconds: number } {
  const since = force && before !== null && isAnswer(before, now) ? before : now
  return { since, seconds: Math.max(lastChance, since + shutdown - now) }
}

/** Whether the end of a guest at `at` is the answer to the machine, which asked it at `asked`, and not its user's wish. */
export function isAnswer(asked: number | null, at: number): boolean {
  return asked !== null && at >= asked && at - asked < answerSeconds
}
