import { readJson, writeFileAtomic } from './atomic.ts'
import type { Machine } from './machine.ts'
import { asObject } from './objects.ts'

/** What the console plays: a cartridge's name and the folder of the state that it was started from. */
export type Playing = { name: string; state: string }

/** Written before QEMU starts, so that whoever looks while it runs knows what it runs on. */
export function recordPlaying(machine: Machine, { name, state }: Playing): void {
  writeFileAtomic(machine.paths.playing, `${JSON.stringify({ name, state })}\n`)
}

/** What the console of this boot was last started with; null before its first start. */
export function lastPlayed(machine: Machine): Playing | null {
  const { name, state } = asObject(readJson(machine.paths.playing))
  return typeof name === 'string' && typeof state === 'string' ? { name, state } : null
}
