import { lastPlayed, type Playing } from '../host/last-played.ts'
import { readUnit } from './unit-state.ts'

/**
 * What the console plays; null once it has ended, and QEMU has written back everything. Asks systemd, so only the running
 * machine has an answer.
 */
export async function consoleCartridge(root: string): Promise<Playing | null> {
  const playing = lastPlayed(root)
  if (playing === null || root !== '/') return null
  return (await readUnit()).ended ? null : playing
}
