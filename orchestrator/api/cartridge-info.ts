import { type ListedCartridge, readCartridge } from '../cartridges/index.ts'
import type { Playing } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { readTimeline } from '../snapshots/index.ts'
import type { TimelineInfo } from './contract/snapshots.ts'
import type { CartridgeInfo } from './contract/systems.ts'

/** One line of the list of operating systems. What cannot be read of a damaged one is left at nothing. */
export function cartridgeInfo(
  machine: Machine,
  listed: ListedCartridge,
  playing: Playing | null,
): CartridgeInfo {
  const { name, title, note, inserted, problem, diskBytes, dataBytes, golden } = listed
  const timeline = orNull<TimelineInfo>(() => readTimeline(machine, name, playing?.state ?? null))
  return {
    name,
    title,
    note,
    inserted,
    running: name === playing?.name,
    problem,
    diskBytes,
    dataBytes,
    snapshots: timeline?.snapshots.length ?? 0,
    golden,
    reset: orNull(() => readCartridge(machine, name).reset) === 'every-start',
    trying: timeline?.trying ?? null,
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
