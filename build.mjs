// node build.mjs SUBCOMMAND: each subcommand is one module below build/, loaded when it is asked for.
import process from 'node:process'

const subcommands = {
  generate: [
    'Compile what the source tree needs: validators, contract, native addon',
    () => import('./build/generate.mjs'),
  ],
  bundle: ['Bundle the program into one script', () => import('./build/bundle.mjs')],
  binary: ['Pack dist/deskvisor, the single executable', () => import('./build/binary.mjs')],
  deps: ['Install system packages that are missing', () => import('./build/deps.mjs')],
  image: ['Build dist/deskvisor.raw and the test guest', () => import('./build/image.mjs')],
  disk: ['Build the disk of the virtual PCs from them', () => import('./build/disk.mjs')],
  stock: ['Build the stock image that npm run bench compares with', () => import('./build/stock.mjs')],
  run: ['Boot the image in a virtual PC in this terminal (npm start)', () => import('./build/run.mjs')],
  test: ['Lint, unit tests, power cuts, scenarios', () => import('./build/test.mjs')],
}

const [name = '', ...args] = process.argv.slice(2)
const subcommand = subcommands[name]
if (!subcommand) {
  console.error('Usage: node build.mjs SUBCOMMAND\n')
  for (const [known, [text]] of Object.entries(subcommands)) console.error(`  ${known.padEnd(10)}${text}`)
  process.exit(2)
}

let module
// Ended by Ctrl-C, it still clears away what is half-made; the tests tell what they counted so far.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => (module?.interrupted ? module.interrupted() : process.exit(130)))

try {
  module = await subcommand[1]()
  process.exitCode = (await module.default(args)) ?? 0
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
