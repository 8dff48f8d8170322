import { readJson, writeFileAtomic } from './atomic.ts'
import { asObject } from './objects.ts'
import { paths } from './paths.ts'

/** What the console plays: a cartridge's name and the folder of the state that it was started from. */
export type Playing = { name: string; state: string }

/** Written before QEMU starts, so that whoever looks while it runs knows what it runs on. */
export function recordPlaying(root: string, { name, state }: Playing): void {
  writeFileAtomic(paths(root).playing, `${JSON.stringify({ name, state })}\n`)
}

/** What the console of this boot was last started with; null before its first start. */
export function lastPlayed(root: string): Playing | null {
  const { name, state } = asObject(readJson(paths(root).playing))
  return typeof name === 'string' && typeof state === 'string' ? { name, state } : null
}
