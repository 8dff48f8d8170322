import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { paths } from '../host/paths.ts'
import { readUnit } from './unit-state.ts'

/** What the console plays: a cartridge's name and the folder of the state that it was started from. */
export type Playing = { name: string; state: string }

/** Written before QEMU starts, so that whoever looks while it runs knows what it runs on. */
export function recordPlaying(root: string, { name, state }: Playing): void {
  writeFileAtomic(paths(root).playing, `${JSON.stringify({ name, state })}\n`)
}

/** What the console of this boot was last started with; null before its first start. */
export function lastPlayed(root: string): Playing | null {
  const value = readJson(paths(root).playing)
  if (typeof value !== 'object' || value === null || !('name' in value) || !('state' in value)) return null
  const { name, state } = value
  return typeof name === 'string' && typeof state === 'string' ? { name, state } : null
}

/**
 * What the console plays; null once it has ended, and QEMU has written back everything. Asks systemd, so only the running
 * machine has an answer.
 */
export async function consoleCartridge(root: string): Promise<Playing | null> {
  const playing = lastPlayed(root)
  if (playing === null || root !== '/') return null
  return (await readUnit()).ended ? null : playing
}
