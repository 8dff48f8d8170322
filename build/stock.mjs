// The stock image that `npm run bench` measures against: our packages, and otherwise what mkosi does by itself.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import deps from './deps.mjs'
import { withLock } from './lock.mjs'
import { mkosi } from './mkosi.mjs'
import { at, step } from './tools.mjs'
import { cacheFolder, makeToolsTree } from './tools-tree.mjs'

/** Prints the path of the finished disk as its last line. It is kept outside the source tree until a definition changes. */
export default async function stock() {
  await deps()
  const ours = readFileSync(at('image/mkosi.conf'), 'utf8')
  const definition = readFileSync(at('tests/bench/stock/mkosi.conf'), 'utf8')
  const packages = listOf(ours, 'Packages')
  const hash = createHash('sha256').update(definition).update(packages.join(' ')).digest('hex').slice(0, 16)
  const folder = join(cacheFolder, 'bench')
  const finished = join(folder, `stock-${hash}.raw`)
  if (!existsSync(finished)) await withLock(join(cacheFolder, 'lock'), () => make(finished, packages))
  console.log(finished)
  return 0
}

async function make(finished, packages) {
  await makeToolsTree()
  await step('Stock image', { inputs: [], outputs: [finished], takes: '3 minutes' }, async (progress) => {
    const extra = packages.flatMap((name) => ['--package', name])
    const output = await mkosi('tests/bench/stock', 'stock', extra, progress)
    const folder = dirname(finished)
    for (const old of readdirSync(folder)) rmSync(join(folder, old))
    // One file system, so this is all or nothing.
    renameSync(join(output, 'stock.raw'), finished)
  })
}

/** The values of a setting in a mkosi file that stand on indented lines of their own. */
export function listOf(text, setting) {
  const lines = new RegExp(`^${setting}=\\n((?:[ \\t]+.+\\n)+)`, 'm').exec(text)?.[1] ?? ''
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
