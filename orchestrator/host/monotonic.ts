// CLOCK_MONOTONIC: the same for every process of one boot, and untouched by clock changes. Not performance.now(), which
// brings a dozen of Node's modules along when it is first used.

export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

export function monotonicSeconds(): number {
  return monotonicMs() / 1000
}
