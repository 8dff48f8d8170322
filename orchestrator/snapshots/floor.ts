import { statfsSync } from 'node:fs'
import { emptyTrash, type StateStore } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Places } from './places.ts'
import type { RetentionPolicy } from './types.ts'

const gibibyte = 2 ** 30

/** What deskvisor.toml says about moments; `totalBytes` of the filesystem is what an automatic floor comes from. */
export function policyOf(config: Config['snapshots'], totalBytes: number): RetentionPolicy {
  const { free_floor_gib: floor } = config
  return {
    last: config.keep_last,
    hourly: config.keep_hourly,
    daily: config.keep_daily,
    weekly: config.keep_weekly,
    monthly: config.keep_monthly,
    freeFloorBytes: floor === 'auto' ? Math.min(20 * gibibyte, totalBytes / 20) : floor * gibibyte,
  }
}

export function readPolicy(places: Places): RetentionPolicy {
  const { blocks, bsize } = statfsSync(places.folder)
  return policyOf(loadConfig(places.root).config.snapshots, blocks * bsize)
}

/** Empties the trash, then prunes, when too little is free. Throws DeskvisorError `no-space` when that was not enough. */
export async function refuseBelowFloor(places: Places, store: StateStore, now: Date): Promise<void> {
  const policy = readPolicy(places)
  const isEnough = () => store.freeBytes() >= policy.freeFloorBytes
  if (isEnough()) return
  await emptyTrash(places.root, { enough: async () => isEnough() })
  const { pruneNow } = await import('./prune.ts')
  await pruneNow(places, store, policy, now)
  if (isEnough()) return
  const free = store.freeBytes()
  throw new DeskvisorError(
    'no-space',
    `Only ${inGibibytes(free)} are free, and ${inGibibytes(policy.freeFloorBytes)} must stay free, so no moment was kept.`,
    {
      hint: 'Delete moments or operating systems that nobody needs. Or lower [snapshots] free_floor_gib in deskvisor.toml.',
    },
  )
}

export function inGibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`
}
