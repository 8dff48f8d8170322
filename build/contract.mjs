// What a running program needs of orchestrator/api/contract: which operations there are, the checks of their input, and the
// OpenAPI document. It is made here, because loading typebox takes longer than most commands do.
import { readFileSync, writeFileSync } from 'node:fs'
import { at } from './tools.mjs'

const api = (name) => at(`orchestrator/api/${name}`)
export const contractOutputs = ['operations', 'validators', 'openapi'].flatMap((name) => [
  api(`${name}.generated.mjs`),
  api(`${name}.generated.d.mts`),
])

const declarations = {
  operations: `import type { Description } from './contract/operation.ts'
import type { OperationName } from './contract/operations.ts'
export type Takes = {
  properties: Readonly<Record<string, { type?: string; description: string }>>
  required?: readonly string[]
}
export type Route = Pick<Description, 'method' | 'path' | 'summary' | 'arguments'> & { takes: Takes }
export declare const operationTable: Readonly<Record<OperationName, Route>>
export declare const operationNames: readonly OperationName[]
`,
  validators: `import type { OperationName } from './contract/operations.ts'
type Validate = { (input: unknown): boolean; errors?: { instancePath: string }[] | null }
export declare const validators: Readonly<Record<OperationName, Validate>>
`,
  openapi: 'export declare const openApiDocument: object\n',
}

export async function compileContract(load) {
  const { operations } = await load('orchestrator/api/contract/operations.ts')
  const { openApiDocument } = await load('orchestrator/api/contract/openapi.ts')
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  write('operations', tableOf(operations))
  write('validators', await validatorsOf(operations))
  write('openapi', `export const openApiDocument = ${JSON.stringify(openApiDocument(version))}\n`)
}

function write(name, code) {
  const comment = '// Made by `node build.mjs generate` from contract/.\n'
  writeFileSync(api(`${name}.generated.mjs`), `${comment}${code}`)
  writeFileSync(api(`${name}.generated.d.mts`), `${comment}${declarations[name]}`)
}

function tableOf(operations) {
  const routes = Object.entries(operations).map(
    ([name, { method, path, summary, arguments: names, takes }]) => {
      const { properties, required } = takes
      const shown = Object.entries(properties).map(([input, { type, description }]) => [
        input,
        { type, description },
      ])
      return [
        name,
        {
          method,
          path,
          summary,
          arguments: names,
          takes: { properties: Object.fromEntries(shown), required },
        },
      ]
    },
  )
  const table = JSON.stringify(Object.fromEntries(routes), null, 1)
  return `export const operationTable = ${table}\nexport const operationNames = Object.keys(operationTable)\n`
}

/** All problems are looked for: the first one that is told is the first in the order in which the inputs are described. */
async function validatorsOf(operations) {
  const { default: Ajv } = await import('ajv')
  const { default: standalone } = await import('ajv/dist/standalone/index.js')
  const code = { source: true, esm: true, lines: true }
  // A property of Object.prototype is none of the input.
  const ajv = new Ajv({ code, allErrors: true, ownProperties: true, messages: false })
  // Many operations take the same; one function checks it for all of them.
  const kinds = new Map()
  const table = Object.entries(operations).map(([name, { takes }]) => {
    const schema = JSON.stringify(takes)
    if (!kinds.has(schema)) kinds.set(schema, `check${kinds.size}`)
    return `  ${name}: ${kinds.get(schema)},\n`
  })
  for (const [schema, kind] of kinds) ajv.addSchema(JSON.parse(schema), kind)
  const checks = standalone.default(ajv, Object.fromEntries([...kinds.values()].map((kind) => [kind, kind])))
  return inlined(`${checks}\nexport const validators = {\n${table.join('')}}\n`)
}

/** The code asks for a helper of ajv by require(), also in a module: esbuild puts the helper in its place. */
async function inlined(contents) {
  const esbuild = await import('esbuild')
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: at() },
    bundle: true,
    format: 'esm',
    write: false,
    treeShaking: true,
  })
  return outputFiles[0].text
}
