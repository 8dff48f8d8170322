import { setTimeout as sleep } from 'node:timers/promises'

/** Time as it passes. A test may hold its own. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds of CLOCK_MONOTONIC: the same for every process of one boot, and untouched by changes of the time. */
  monotonicMs(): number
  /** Rejects with an AbortError at an abort. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Does something later, which what is given back calls off. Keeps no process alive. */
  after(milliseconds: number, act: () => void): () => void
}

export const passing: Clock = {
  now: () => Date.now(),
  // Not performance.now(), which brings a dozen of Node's modules along when it is first used.
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}

export function monotonicSeconds(clock: Clock): number {
  return clock.monotonicMs() / 1000
}
