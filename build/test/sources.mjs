// Which files a test depends on, and whether they are what they were.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { at, repository, tool } from '../tools.mjs'

/** Every file of the working tree that is not ignored, by its path in the repository, with the hash of its content. */
export function treeNow() {
  const names = tool('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0')
  const files = names.filter((name) => name !== '' && isFile(at(name)))
  return Object.fromEntries(files.sort().map((name) => [name, hashOf([at(name)])]))
}

/** The paths whose content is another one, that are new, or that are gone. */
export function changedFiles(before, now) {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => before[name] !== now[name],
  )
}

/** A test file and, all the way down, each file that one of them names in quotes, relative to itself or to the repository. */
export function closureOf(file, read = (path) => readFileSync(path, 'utf8'), found = new Set()) {
  if (found.has(file)) return found
  found.add(file)
  if (!/\.(ts|mts|mjs|c|h)$/.test(file)) return found
  for (const [, name] of read(file).matchAll(/['"`]((?:[\w.@-]+\/)*[\w.@-]+\.\w+)['"`]/g)) {
    for (const folder of [dirname(file), repository]) {
      const path = join(folder, name)
      if (path.startsWith(repository) && !path.includes('/node_modules/') && isFile(path))
        closureOf(path, read, found)
    }
  }
  return found
}

export function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(repository.length)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

function isFile(path) {
  return existsSync(path) && statSync(path).isFile()
}
