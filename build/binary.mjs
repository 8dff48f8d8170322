// dist/deskvisor: Node and the bundle in one executable (https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html).
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import bundle, { firstScript, scripts } from './bundle.mjs'
import codeCaches from './code-cache.mjs'
import { thirdPartyPath } from './third-party.mjs'
import { dist, filesBelow, pinnedNode, step, tool } from './tools.mjs'

/** Node looks for its blob behind this mark; the text is fixed in Node's documentation. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
const base = dist('base/node')
const blob = dist('bundle/deskvisor.blob')
const binary = dist('deskvisor')

export default async function buildBinary() {
  await bundle()
  await codeCaches()
  await step(
    'Stripped Node',
    { inputs: [pinnedNode], outputs: [base], takes: '3 s' },
    // Stripping after the blob went in would damage it.
    () => {
      copyFileSync(pinnedNode, base)
      tool('strip', [base])
    },
  )
  const assets = {
    'deskvisor.node': dist('native/deskvisor.node'),
    ...Object.fromEntries(
      scripts.flatMap(({ file, cache }) => [file, cache].map((path) => [basename(path), path])),
    ),
    'third-party.cjs': thirdPartyPath,
    ...terminfo(),
  }
  await step(
    'Executable',
    {
      inputs: [firstScript, base, ...Object.values(assets), ...filesBelow('build/binary.mjs')],
      outputs: [binary],
      key: JSON.stringify(Object.keys(assets)),
      takes: '10 s',
    },
    () => pack(assets),
  )
}

async function pack(assets) {
  const config = dist('bundle/sea.json')
  const settings = {
    main: firstScript,
    output: blob,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // SIGUSR1 would open Node's inspector, to which any program of this machine could give code to run. Without, it does nothing.
    execArgv: ['--disable-sigusr1'],
    // NODE_OPTIONS of whoever starts us must not change what runs.
    execArgvExtension: 'none',
    assets,
  }
  writeFileSync(config, JSON.stringify(settings, null, 2))
  tool(pinnedNode, ['--experimental-sea-config', config])
  const unfinished = `${binary}.new`
  copyFileSync(base, unfinished)
  const { inject } = (await import('postject')).default
  // Its ELF library grumbles about the names of notes; they mean nothing.
  const { warn, error } = console
  Object.assign(console, { warn: () => {}, error: () => {} })
  await inject(unfinished, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: fuse }).finally(() =>
    Object.assign(console, { warn, error }),
  )
  chmodSync(unfinished, 0o755)
  renameSync(unfinished, binary)
  rmSync(blob)
  console.log(`  dist/deskvisor has ${(statSync(binary).size / 1_048_576).toFixed(1)} MiB`)
}

/** The terminal descriptions that the menu needs; the executable must not depend on the host's. */
function terminfo() {
  return Object.fromEntries(filesBelow('tui/terminfo').map((file) => [`terminfo/${basename(file)}`, file]))
}
