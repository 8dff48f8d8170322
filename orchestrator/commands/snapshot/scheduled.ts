import type { SnapshotKind } from '../../api/index.ts'

const soonMs = 30 * 60_000

/** Who asks for a moment, and when: $TRIGGER_UNIT of systemd.exec(5), milliseconds since 1970, and since power-on. */
export type Asked = { trigger: string | undefined; now: number; upMs: number }

/**
 * Whether an hourly snapshot can wait for the next hour: a timer asks for it, and the computer is on for less than half an
 * hour, or one of its snapshots is as young. When the timer is started it makes up for an hour that has passed
 * (systemd.timer(5), Persistent=), but the start of the desktop has just kept what there was to keep. Who asks by hand
 * gets one. The names of the snapshots are looked up only when they matter.
 */
export async function canWait(
  kind: SnapshotKind,
  { trigger, now, upMs }: Asked,
  snapshotNames: () => Promise<string[]>,
): Promise<boolean> {
  if (kind !== 'hourly' || !trigger?.endsWith('.timer')) return false
  if (upMs < soonMs) return true
  // A name begins with its time; an age below 0 is of a clock that was wrong.
  const ages = (await snapshotNames()).map((name) => now - Date.parse(name.slice(0, 20)))
  return ages.some((age) => age >= 0 && age < soonMs)
}
