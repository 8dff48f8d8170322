import type { OpenedCartridge } from '../../cartridges/index.ts'
import { type Config, loadConfig } from '../../config/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { isBelowFloor, lackSentence, roomIn } from '../../space/index.ts'
import type { RetentionPolicy } from '../types.ts'

/** So long a snapshot waits for the room that it needs; a start of the desktop waits for that moment. */
const timeoutMs = 60_000

/** What deskvisor.toml says about snapshots. */
export function policyOf(config: Config['snapshots']): RetentionPolicy {
  return {
    last: config.keep_last,
    hourly: config.keep_hourly,
    daily: config.keep_daily,
    weekly: config.keep_weekly,
    monthly: config.keep_monthly,
  }
}

export function readPolicy(machine: Machine): RetentionPolicy {
  return policyOf(loadConfig(machine).config.snapshots)
}

/**
 * Empties the trash, then prunes for at most `longestMs`, when too little is free; room.ts. For use while the lock of
 * `opened` is held. Throws DeskvisorError `no-space` when that was not enough.
 */
export async function refuseBelowFloor(
  opened: OpenedCartridge,
  now: Date,
  longestMs = timeoutMs,
): Promise<void> {
  if (!isBelowFloor(roomIn(opened.folder))) return
  const { makeRoomForSnapshots } = await import('./room.ts')
  const { enough } = await makeRoomForSnapshots(opened.machine, { now, held: opened, timeoutMs: longestMs })
  if (enough) return
  throw new DeskvisorError('no-space', lackSentence(roomIn(opened.folder), 'no moment was kept'), {
    next: [
      { do: 'free-space' },
      { do: 'edit-config', text: 'Or lower {setting}.', setting: '[snapshots] free_floor_gib' },
    ],
  })
}
