/** After a settling that took less than this, so little is left that nobody notices the standstill. */
const quickMs = 60
const maxRounds = 5
/** Somebody waits for the moment, and a guest that writes faster than the disk never settles. */
const maxTotalMs = 5000

/**
 * Settles again and again until it is quick: each round writes back what the guest wrote during the one before, so the
 * rounds become shorter and with them the standstill that follows. `now`: milliseconds.
 */
export async function settleDown(settle: () => Promise<void>, now = () => performance.now()): Promise<void> {
  const start = now()
  for (let round = 0; round < maxRounds; round++) {
    const before = now()
    await settle()
    if (now() - before < quickMs || now() - start > maxTotalMs) return
  }
}
