import { type Finished, run } from '../host/process.ts'
import { systemctl } from '../host/systemd.ts'

/** systemd answers at once, or a slow machine later; one that stands still restarts by its hardware's watchdog. */
const limitMs = 120_000

/** Starts a transient unit (arguments of systemd-run(1)); one of this name that failed earlier makes way for it. Never throws. */
export async function startUnit(unit: string, args: string[]): Promise<Finished> {
  const started = await run('systemd-run', args, { timeoutMs: limitMs })
  if (started.status === 0) return started
  // Asking first whether there is an old one would cost every start.
  await systemctl('stop', unit)
  await systemctl('reset-failed', unit)
  return run('systemd-run', args, { timeoutMs: limitMs })
}

/** The last line of what a program said. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
