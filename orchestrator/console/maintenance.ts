import { isBelowFloor, type Room } from '../space/index.ts'

/** What the watchdog sees when it looks after a console that should run. */
export type Seen = {
  /** QEMU's word for it (`query-status`, RunState in qapi/run-state.json); null when it gave none. */
  status: string | null
  room: Room
  /** Somebody asked the guest to freeze, and nobody saw it thawed since. */
  markedFrozen: boolean
}

export type Maintenance = {
  /** Snapshots are to make room. */
  makeRoom: boolean
  /** The guest is to go on: `cont`. `unless-held`: only when nobody who stopped it for a moment is at work. */
  goOn: 'no' | 'now' | 'unless-held'
  /** It is to be thawed, unless somebody who froze it is at work. */
  thaw: boolean
}

const gibibyte = 2 ** 30

/**
 * QEMU stops the guest (`io-error`) when a write finds no space, so that no write fails: it goes on once there is some,
 * far below the floor, because a guest that stands still is worse than one that will stand still again.
 */
export function decideMaintenance({ status, room, markedFrozen }: Seen): Maintenance {
  const hasRoom = canGoOn(room)
  const lacksSpace = isBelowFloor(room)
  if (status === 'io-error') return { makeRoom: lacksSpace, goOn: hasRoom ? 'now' : 'no', thaw: false }
  // Nothing but a snapshot that is taken stops it; who was killed meanwhile lets nothing go on.
  if (status === 'paused') return { makeRoom: lacksSpace, goOn: 'unless-held', thaw: false }
  return { makeRoom: lacksSpace, goOn: 'no', thaw: markedFrozen }
}

function canGoOn({ freeBytes, totalBytes, metadataBytes, metadataFloorBytes }: Room): boolean {
  if (metadataBytes !== null && metadataBytes < metadataFloorBytes / 4) return false
  return freeBytes >= Math.min(gibibyte, totalBytes / 100)
}

const shortestMs = 60_000
const longestMs = 600_000

/** When snapshots were last asked to make room, milliseconds of a clock that only goes forward. */
export type RoomRequest = { at: number; waitMs: number }

/**
 * Whether to ask again, and what to remember. Each time that did not help makes the wait twice as long, so that a disk on
 * which nothing can be freed is not searched for ever; once it helped, the count starts anew.
 */
export function askForRoom(
  last: RoomRequest | null,
  isNeeded: boolean,
  now: number,
): { ask: boolean; asked: RoomRequest | null } {
  if (!isNeeded) return { ask: false, asked: null }
  if (last === null) return { ask: true, asked: { at: now, waitMs: shortestMs } }
  if (now - last.at < last.waitMs) return { ask: false, asked: last }
  return { ask: true, asked: { at: now, waitMs: Math.min(longestMs, last.waitMs * 2) } }
}
