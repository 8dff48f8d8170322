import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { places } from './places.ts'

type Unfinished = { unfinishedFolder(parent: string): string }

/** A folder for what takes a while to make, beside where it goes when it is finished; gone with this process, whatever ends it. */
export async function unfinishedFolder(name: string): Promise<string> {
  const { unfinishedFolder: ofThisProcess } = (await import(
    '../../../build/unfinished.mjs' as string
  )) as Unfinished
  await mkdir(places.cache, { recursive: true })
  return mkdtemp(join(ofThisProcess(places.dist), `${name}-`))
}
