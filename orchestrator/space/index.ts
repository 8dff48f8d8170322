import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { isLackOfSpace } from '../host/storage-error.ts'
import { isBelowFloor, roomIn } from './floor.ts'

export {
  type FloorSetting,
  floorsOf,
  isBelowFloor,
  lackOf,
  lackSentence,
  type Room,
  roomIn,
  roomWith,
  spareBytes,
} from './floor.ts'
export { type FreeSpace, freeSpace, inGibibytes, inMebibytes } from './free-space.ts'

// What follows is loaded when space is short or a reserve is made; every boot loads this file.

/**
 * Sees to it that the reserve is there, as long as there is room for it (reserve.ts). Never throws: what fails is a line in
 * the log, and tried again the next time.
 */
export async function keepReserve(machine: Machine): Promise<void> {
  const { hasReserve, makeReserve } = await import('./reserve.ts')
  tolerated(() => {
    if (!hasReserve(machine) && !isBelowFloor(roomIn(machine.paths.data))) makeReserve(machine)
  })
}

/**
 * Does a change of Deskvisor's own; where it finds no space, once more with what is kept in reserve for that. `work` leaves
 * everything as it was when it fails. Throws what `work` throws.
 */
export async function withReserve<Result>(
  machine: Machine,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isLackOfSpace(error)) throw error
    const { makeReserve, spendReserve } = await import('./reserve.ts')
    if (!(await spendReserve(machine))) throw error
    try {
      return await work()
    } finally {
      // The change took a part of it at most; what is left must not become the guest's.
      tolerated(() => makeReserve(machine))
    }
  }
}

function tolerated(work: () => void): void {
  try {
    work()
  } catch (error) {
    log.warning(`Room for Deskvisor's own changes was not set aside: ${sentenceOf(error)}`)
  }
}

/** See reclaim.ts. */
export async function reclaimForMetadata(folder: string, isEnough: () => boolean): Promise<void> {
  return (await import('./reclaim.ts')).reclaimForMetadata(folder, isEnough)
}
