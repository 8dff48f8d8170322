import { closeSync, openSync, readSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Of a name so much is repeated that the longer name still fits where names have 255 bytes. */
const keptCharacters = 48
const pattern = /^\..+\.[0-9a-f]{16}\.new$/

/**
 * `.NAME.RANDOM.new` (or `.NAME.MARK.RANDOM.new`) in the same folder: where a file is written before it gets its name. Nobody can know it before, and put
 * something else there. Whoever may remove leftovers knows them by `isBeside`.
 */
export function besideOf(path: string, mark?: string): string {
  const middle = mark === undefined ? '' : `${mark}.`
  return join(dirname(path), `${besidePrefix(basename(path))}${middle}${randomName()}.new`)
}

/** What such a name begins with; names that are the same for so long share it. */
export function besidePrefix(name: string): string {
  return `.${[...name].slice(0, keptCharacters).join('')}.`
}

export function isBeside(name: string): boolean {
  return pattern.test(name)
}

/** From random(4) itself: to load node:crypto takes 4 ms, a tenth of what Deskvisor does on the way to the desktop. */
function randomName(): string {
  const bytes = Buffer.alloc(8)
  const descriptor = openSync('/dev/urandom', 'r')
  try {
    readSync(descriptor, bytes)
  } finally {
    closeSync(descriptor)
  }
  return bytes.toString('hex')
}
