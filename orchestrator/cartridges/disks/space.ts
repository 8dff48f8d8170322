import { statfsSync } from 'node:fs'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import {
  inGibibytes as exactly,
  inMebibytes,
  lackOf,
  lackSentence,
  roomIn,
  spareBytes,
} from '../../space/index.ts'
import { freeUnneeded } from '../trash/free-unneeded.ts'

const gibibyte = 2 ** 30
/** No desktop has a disk larger than this. */
const maxBytes = 16 * 1024 * gibibyte

/**
 * The largest disk that is believed on the filesystem of `folder`, in bytes: disks are sparse and may be larger than
 * what is free, but one that is more than four times the whole filesystem could only break when the guest fills it.
 */
export function largestDisk(folder: string): number {
  const { blocks, bsize } = statfsSync(folder)
  return Math.min(maxBytes, 4 * blocks * bsize)
}

/** Throws DeskvisorError `bad-size` (exit 2) for a disk size that is no size, or beyond `largestDisk`. */
export function checkDiskSize(folder: string, bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new DeskvisorError('bad-size', `${bytes} is not the size of a disk; expected bytes above 0.`)
  }
  const largest = largestDisk(folder)
  if (bytes <= largest) return
  throw new DeskvisorError(
    'bad-size',
    `A disk of ${inGibibytes(bytes)} is too large for this machine; at most ${inGibibytes(largest)} fit its data partition.`,
  )
}

/** Throws DeskvisorError `no-space` when the floor of free space is reached; for the middle of long writing. */
export function expectSpareSpace(folder: string): void {
  const room = roomIn(folder)
  if (spareBytes(room) > 0) return
  throw new DeskvisorError(
    'no-space',
    `The data partition became too full: ${lackOf(room)}. Nothing was kept.`,
    { next: { do: 'free-space' } },
  )
}

/**
 * Sees to it that so many bytes can be written, and the floor stays free, by what nobody's history pays for. Snapshots are left alone:
 * they do not go for something new. Throws DeskvisorError `no-space`.
 */
export async function makeRoom(machine: Machine, neededBytes: number): Promise<void> {
  const folder = machine.paths.cartridges
  const isEnough = () => spareBytes(roomIn(folder)) >= neededBytes
  if (isEnough()) return
  await freeUnneeded(machine, isEnough)
  const room = roomIn(folder)
  const spare = spareBytes(room)
  if (spare >= neededBytes) return
  const sentence =
    spare < 0
      ? lackSentence(room, 'nothing new is made')
      : `This needs ${inMebibytes(neededBytes)}, and only ${inMebibytes(spare)} can be used: ${exactly(room.floorBytes)} must stay free.`
  throw new DeskvisorError('no-space', sentence, { next: { do: 'free-space' } })
}

function inGibibytes(bytes: number): string {
  return `${Math.ceil(bytes / gibibyte)} GiB`
}
