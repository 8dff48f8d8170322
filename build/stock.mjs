// The stock image that `npm run bench` measures against: our packages, and otherwise what mkosi does by itself.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import deps from './deps.mjs'
import { mkosi } from './image.mjs'
import { at, tool } from './tools.mjs'
import { cacheFolder } from './tools-tree.mjs'

/** Prints the path of the finished disk as its last line. It is kept outside the source tree until a definition changes. */
export default async function stock() {
  await deps()
  const ours = readFileSync(at('image/mkosi.conf'), 'utf8')
  const definition = readFileSync(at('tests/bench/stock/mkosi.conf'), 'utf8')
  const packages = listOf(ours, 'Packages')
  const hash = createHash('sha256').update(definition).update(packages.join(' ')).digest('hex').slice(0, 16)
  const folder = join(cacheFolder, 'bench')
  const finished = join(folder, `stock-${hash}.raw`)
  if (!existsSync(finished)) {
    console.log('- stock image (about 3 minutes, kept for later runs) …')
    const output = mkosi(
      'tests/bench/stock',
      'stock',
      packages.flatMap((name) => ['--package', name]),
    )
    mkdirSync(folder, { recursive: true })
    for (const old of readdirSync(folder)) rmSync(join(folder, old))
    tool('cp', ['--sparse=always', '--reflink=auto', join(output, 'stock.raw'), `${finished}.partial`])
    renameSync(`${finished}.partial`, finished)
  }
  console.log(finished)
  return 0
}

/** The values of a setting in a mkosi file that stand on indented lines of their own. */
export function listOf(text, setting) {
  const lines = new RegExp(`^${setting}=\\n((?:[ \\t]+.+\\n)+)`, 'm').exec(text)?.[1] ?? ''
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
