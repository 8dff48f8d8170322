import { lastPlayed, type Playing } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { readUnit } from './unit-state.ts'

/**
 * What the console plays; null once it has ended, and QEMU has written back everything. Asks systemd, so only the running
 * machine has an answer.
 */
export async function consoleCartridge(machine: Machine): Promise<Playing | null> {
  const playing = lastPlayed(machine)
  if (playing === null) return null
  return (await readUnit(machine)).ended ? null : playing
}
