import process from 'node:process'

/** A runner that is told to end does so with its `exit` listeners, which clear up. */
export function endOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
}
