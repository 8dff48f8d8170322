/** After a settling that took less than this, so little is left that nobody notices the standstill. */
const quickMs = 60
const maxRounds = 8
/** A guest that writes faster than the disk never settles; and a start waits 10 s at most for a moment to be taken. */
const maxTotalMs = 8000

/**
 * Settles again and again until it is quick: each round writes back what the guest wrote during the one before, so the
 * rounds become shorter and with them the standstill that follows. `now`: milliseconds.
 */
export async function settleDown(settle: () => Promise<void>, now: () => number): Promise<void> {
  const start = now()
  for (let round = 0; round < maxRounds; round++) {
    const before = now()
    await settle()
    if (now() - before < quickMs || now() - start > maxTotalMs) return
  }
}
