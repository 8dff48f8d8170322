// Packages that only the daemon uses go into a script of their own (orchestrator/host/third-party.ts): the program that starts the desktop need not read them.
import { at, dist } from './tools.mjs'

/** Each with what is imported of it by name, beside its default export. */
const named = { execa: ['execa'], fastify: [], pino: [], systeminformation: [] }
const packages = Object.keys(named)
export const thirdPartyPath = dist('bundle/third-party.cjs')

/** For the main bundle: asks for the package when it is used. */
export const thirdPartyPlugin = {
  name: 'third-party',
  setup(build) {
    const filter = new RegExp(`^(${packages.join('|')})$`)
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'third-party' }))
    build.onLoad({ filter: /.*/, namespace: 'third-party' }, ({ path }) => ({
      contents: `import { thirdParty } from ${JSON.stringify(at('orchestrator/host/third-party.ts'))}
const loaded = thirdParty(${JSON.stringify(path)})
export default loaded
${named[path].map((name) => `export const ${name} = loaded.${name}`).join('\n')}`,
      resolveDir: at(),
    }))
  },
}

/** Writes the packages themselves. */
export function bundleThirdParty(esbuild, options) {
  const lines = packages.map(
    (name) => `exports[${JSON.stringify(name)}] = () => {
  const loaded = require(${JSON.stringify(name)})
  return loaded.default ?? loaded
}`,
  )
  return esbuild.build({
    ...options,
    stdin: { contents: lines.join('\n'), resolveDir: at(), sourcefile: 'third-party.js' },
    outfile: thirdPartyPath,
    minify: true,
  })
}
