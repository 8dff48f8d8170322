import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { compileFunction } from 'node:vm'

type Packages = Record<string, () => unknown>

const file = 'third-party.cjs'
let packages: Packages | undefined

/**
 * The default export of a large package that few commands use. build/bundle.mjs puts such packages into a script of their
 * own and this in their place: Node reads all of its main script at every start, also on the way to the desktop.
 */
export function thirdParty(name: string): unknown {
  packages ??= compile()
  return packages[name]?.()
}

function compile(): Packages {
  const text = isSea()
    ? getAsset(file, 'utf8')
    : readFileSync(join(dirname(process.argv[1] ?? ''), file), 'utf8')
  const module = { exports: {} as Packages }
  // What it requires are parts of Node: everything else is in it.
  compileFunction(text, ['module', 'exports', 'require'], { filename: file })(
    module,
    module.exports,
    createRequire(process.execPath),
  )
  return module.exports
}
