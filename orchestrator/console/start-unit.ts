import { type Finished, run } from '../host/process.ts'
import { systemctl } from '../host/systemd.ts'

/** Starts a transient unit (arguments of systemd-run(1)); one of this name that failed earlier makes way for it. Never throws. */
export async function startUnit(unit: string, args: string[]): Promise<Finished> {
  const started = await run('systemd-run', args, { timeoutMs: 30_000 })
  if (started.status === 0) return started
  // Asking first whether there is an old one would cost every start.
  await systemctl('stop', unit)
  await systemctl('reset-failed', unit)
  return run('systemd-run', args, { timeoutMs: 30_000 })
}

/** The last line of what a program said. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
