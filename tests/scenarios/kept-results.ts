import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  const hash = createHash('sha256').update(await madeOf(places.image, places.testGuest))
  const stories = join(import.meta.dirname, 'stories')
  for (const file of filesBelow(import.meta.dirname)) {
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

function placeOf(name: string): string {
  return join(places.kept, `${name}.json`)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
    .sort()
}
