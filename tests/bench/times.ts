import type { Pc } from '../scenarios/pc/pc.ts'

/** A unit's start as systemd saw it: microseconds of the machine's CLOCK_MONOTONIC and of its clock. */
export type UnitStart = { monotonicUs: number; clockUs: number }

/** Reads what `systemctl show --timestamp=us+utc -p ExecMainStartTimestamp -p ExecMainStartTimestampMonotonic` printed. */
export function parseUnitStart(text: string): UnitStart | null {
  const monotonicUs = Number(/^ExecMainStartTimestampMonotonic=(\d+)$/m.exec(text)?.[1] ?? 0)
  const clock = /^ExecMainStartTimestamp=\w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d{6}) UTC$/m.exec(text)
  if (monotonicUs === 0 || !clock) return null
  return { monotonicUs, clockUs: Date.parse(`${clock[1]}T${clock[2]}Z`) * 1000 + Number(clock[3]) }
}

/** When the process of a unit was last executed. Throws when it never was. */
export async function unitStart(pc: Pc, unit: string): Promise<UnitStart> {
  const properties = ['ExecMainStartTimestamp', 'ExecMainStartTimestampMonotonic'].flatMap((name) => [
    '-p',
    name,
  ])
  const { stdout } = await pc.shell(['systemctl', 'show', '--timestamp=us+utc', ...properties, unit])
  const start = parseUnitStart(stdout)
  if (!start) throw new Error(`${unit} was not started: ${stdout.trim()}`)
  return start
}

/**
 * Seconds from power-on to the start of the machine's clocks (the kernel), by the clock of the machine that runs the
 * virtual PC: the best of several readings of /proc/uptime, whose way over the serial line is what they can be wrong by.
 */
export async function kernelStart(pc: Pc): Promise<{ seconds: number; uncertainty: number }> {
  let best = { seconds: 0, uncertainty: Number.POSITIVE_INFINITY }
  for (let reading = 0; reading < 5; reading++) {
    const asked = Date.now()
    const { stdout } = await pc.shell('cat /proc/uptime')
    const answered = Date.now()
    const uncertainty = (answered - asked) / 2000
    const uptime = Number.parseFloat(stdout)
    if (uncertainty < best.uncertainty) {
      best = { seconds: (asked + answered) / 2000 - pc.startedAt / 1000 - uptime, uncertainty }
    }
  }
  return best
}
