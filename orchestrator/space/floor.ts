import { loadConfig } from '../config/index.ts'
import { machineAt } from '../host/machine.ts'
import { type FreeSpace, freeSpace, inGibibytes, inMebibytes } from './free-space.ts'

const gibibyte = 2 ** 30
/** Of the whole, for a floor that is `auto`. */
const floorShare = 1 / 20
const largestFloor = 20 * gibibyte
/**
 * Of the whole, for btrfs's own tables: a guest that writes here and there after each snapshot makes about 3 MiB of them an
 * hour on a disk in 70,000 pieces, and a snapshot or a deletion needs one or two.
 */
const metadataShare = 1 / 200
const largestMetadataFloor = gibibyte / 2

/** A folder on a data partition, and the tree of which machine that is in; host/paths.ts. */
const dataFolder = /^(.*)\/var\/lib\/deskvisor(?:\/|$)/

/** `[snapshots] free_floor_gib` of deskvisor.toml: what must stay free, in GiB. */
export type FloorSetting = number | 'auto'

/** How much room there is, and how much of it must stay. One floor holds for everything that is kept. */
export type Room = FreeSpace & { floorBytes: number; metadataFloorBytes: number }

/** Throws the errno of statfs(2). */
export function roomWith(folder: string, setting: FloorSetting): Room {
  const space = freeSpace(folder)
  return { ...space, ...floorsOf(setting, space.totalBytes) }
}

/**
 * Room for what Deskvisor keeps in a folder, by the configuration of the machine whose data partition it is on. Outside of a
 * data partition everything may be used. Throws the errno of statfs(2).
 */
export function roomIn(folder: string): Room {
  const root = dataFolder.exec(folder)?.[1]
  if (root === undefined) return { ...freeSpace(folder), floorBytes: 0, metadataFloorBytes: 0 }
  return roomWith(folder, loadConfig(machineAt(root || '/')).config.snapshots.free_floor_gib)
}

/** `auto` is a twentieth of the whole, at most 20 GiB. */
export function floorsOf(
  setting: FloorSetting,
  totalBytes: number,
): { floorBytes: number; metadataFloorBytes: number } {
  return {
    floorBytes: setting === 'auto' ? Math.min(largestFloor, totalBytes * floorShare) : setting * gibibyte,
    metadataFloorBytes: Math.min(largestMetadataFloor, totalBytes * metadataShare),
  }
}

/** Bytes that may be written before the rest is needed for what the guest writes; less than none when it is needed already. */
export function spareBytes(room: Room): number {
  const spare = room.freeBytes - room.floorBytes
  return lacksMetadata(room) ? Math.min(spare, room.metadataBytes - room.metadataFloorBytes) : spare
}

export function isBelowFloor(room: Room): boolean {
  return spareBytes(room) < 0
}

/** What is too little, as a clause: "only 1.0 GiB are free, and 5.0 GiB must stay free". */
export function lackOf(room: Room): string {
  if (!lacksMetadata(room)) {
    return `only ${inGibibytes(room.freeBytes)} are free, and ${inGibibytes(room.floorBytes)} must stay free`
  }
  const [left, floor] = [inMebibytes(Math.max(0, room.metadataBytes)), inMebibytes(room.metadataFloorBytes)]
  return `only ${left} are left for the file system's own tables, and ${floor} must stay free`
}

/** The same as a sentence that says what follows from it: "Only 1.0 GiB are free, and 5.0 GiB must stay free, so …". */
export function lackSentence(room: Room, consequence: string): string {
  return `O${lackOf(room).slice(1)}, so ${consequence}.`
}

function lacksMetadata(room: Room): room is Room & { metadataBytes: number } {
  return room.metadataBytes !== null && room.metadataBytes < room.metadataFloorBytes
}
