// dist/bundle/*.cjs: the program in one script, and the way to the desktop in another. Dynamic imports stay lazy: what a command does
// not use is not run.
import { existsSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import generate from './generate.mjs'
import { bundleThirdParty, thirdPartyPath, thirdPartyPlugin } from './third-party.mjs'
import { at, dist, filesBelow, step } from './tools.mjs'

/** What is run first, and the scripts that it chooses from: the way to the desktop, and the whole program. */
export const firstScript = dist('bundle/start.cjs')
export const scripts = ['desktop', 'deskvisor'].map((name) => ({
  name,
  file: dist(`bundle/${name}.cjs`),
  cache: dist(`bundle/${name}.cache`),
}))
const entries = { desktop: 'orchestrator/desktop.ts', deskvisor: 'orchestrator/main.ts' }

export default async function bundle() {
  await generate()
  await step(
    'Bundle',
    {
      inputs: filesBelow(
        'orchestrator',
        'tui',
        'package.json',
        'package-lock.json',
        'build/bundle.mjs',
        'build/third-party.mjs',
      ),
      outputs: [firstScript, ...scripts.map(({ file }) => file), thirdPartyPath],
      takes: '2 s',
    },
    async () => {
      const esbuild = await import('esbuild')
      const options = {
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'cjs',
        legalComments: 'none',
        logLevel: 'warning',
      }
      await bundleThirdParty(esbuild, options)
      await esbuild.build({ ...options, entryPoints: [at('orchestrator/start.ts')], outfile: firstScript })
      for (const { name, file } of scripts) {
        const { metafile } = await esbuild.build({
          ...options,
          entryPoints: [at(entries[name])],
          outfile: file,
          // Called as Node calls a module.
          banner: { js: '(function (exports, require, module) {' },
          footer: { js: '})' },
          minifySyntax: true,
          minifyWhitespace: true,
          metafile: true,
          // The native addon is found by node:sea; the path from the sources is never taken.
          logOverride: { 'empty-import-meta': 'silent' },
          // neo-blessed still asks for its ancestor by name (vendor/tng.js).
          alias: { blessed: 'neo-blessed' },
          plugins: [thirdPartyPlugin, ...(await plugins())],
        })
        expectAscii(file)
        expectNoImport(file)
        const [output] = Object.values(metafile.outputs)
        const size = Math.round(output.bytes / 1024)
        console.log(`  ${name}: ${size} kB from ${Object.keys(output.inputs).length} files`)
      }
    },
  )
}

/**
 * One character beyond ASCII, and Node decodes all of the script as UTF-8 into two bytes a character at every start: a sixth of
 * what `node -e 0` takes. esbuild writes them as escapes everywhere but in regular expressions, where `\u2019` must stand.
 */
function expectAscii(file) {
  const [found] = readFileSync(file, 'latin1').match(/.{0,60}[\x80-\xff].{0,20}/) ?? []
  if (found !== undefined)
    throw new Error(`${file} holds characters beyond ASCII: ${Buffer.from(found, 'latin1')}`)
}

/** esbuild leaves import() of Node's own modules as it is, and a script cannot do that: process.getBuiltinModule can. */
function expectNoImport(file) {
  const [found] = readFileSync(file, 'latin1').match(/[^\w.$]import\(.{0,40}/) ?? []
  if (found !== undefined) throw new Error(`${file} imports while it runs:${found}`)
}

/** neo-blessed finds its widgets by computed names, which esbuild cannot follow; the menu's room brings the cure. */
async function plugins() {
  const plugin = at('tui/blessed-plugin.mjs')
  if (!existsSync(plugin)) return []
  const { neoBlessedPlugin } = await import(pathToFileURL(plugin).href)
  return [typeof neoBlessedPlugin === 'function' ? neoBlessedPlugin() : neoBlessedPlugin]
}
