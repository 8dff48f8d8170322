import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { madeOf } from './pc/made-of.ts'
import { places } from './pc/places.ts'
import type { Scenario } from './scenario.ts'

/** A scenario that passed, and what it was played with. */
type Kept = { playedWith: string; steps: number; seconds: number }

/**
 * What a result depends on: the two images, and the sources of the harness and of the story itself. With the same of all
 * that, a scenario that passed need not be played again.
 */
export async function playedWith({ name }: Scenario): Promise<string> {
  // Root plays more of some.
  const asRoot = String(process.getuid?.() === 0)
  const hash = createHash('sha256')
    .update(await madeOf(places.image, places.testGuest))
    .update(asRoot)
  const stories = join(import.meta.dirname, 'stories')
  const start = join(import.meta.dirname, 'start')
  const shared = join(import.meta.dirname, '../sweep/write-log.ts')
  for (const file of [...filesBelow(import.meta.dirname), shared]) {
    if (file.startsWith(`${start}.`) || file.startsWith(`${start}/`)) continue
    if (file.startsWith(`${stories}/`) && file !== join(stories, `${name}.ts`)) continue
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex')
}

export function keptResult(name: string, key: string): Kept | undefined {
  try {
    const kept = JSON.parse(readFileSync(placeOf(name), 'utf8')) as Kept
    return kept.playedWith === key ? kept : undefined
  } catch {
    return undefined
  }
}

export function keepResult(name: string, kept: Kept): void {
  mkdirSync(places.kept, { recursive: true })
  writeFileSync(placeOf(name), `${JSON.stringify(kept)}\n`)
}

export function forgetResult(name: string): void {
  rmSync(placeOf(name), { force: true })
}

function placeOf(name: string): string {
  return join(places.kept, `${name}.json`)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
    .sort()
}
