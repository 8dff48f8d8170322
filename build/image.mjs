// The image: `node build.mjs image` makes dist/deskvisor.raw and dist/test-guest.raw from the mkosi definitions in image/.
import { mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import binary from './binary.mjs'
import bootPicture, { bootPictureRom } from './boot-picture.mjs'
import deps from './deps.mjs'
import { makeShellFiles, shellFiles } from './shell-files.mjs'
import { at, dist, filesBelow, step, tool } from './tools.mjs'
import { cacheFolder, inToolsTree, mirror } from './tools-tree.mjs'

export default async function image() {
  await deps()
  await binary()
  await bootPicture()
  await step(
    'boot key sampler',
    {
      inputs: filesBelow('initramfs').filter((file) => /\.[ch]$/.test(file)),
      outputs: [dist('native/deskvisor-boot-key')],
    },
    () =>
      tool('cc', [
        '-Os',
        '-static',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-o',
        dist('native/deskvisor-boot-key'),
        at('initramfs/boot-key.c'),
      ]),
  )
  await step(
    'Manual page and completion',
    { inputs: [dist('deskvisor')], outputs: shellFiles.map(({ file }) => file) },
    () => makeShellFiles(),
  )
  const shared = filesBelow('systemd', 'build/image.mjs', 'build/tools-tree.mjs')
  await step(
    'image dist/deskvisor.raw',
    {
      inputs: [
        ...filesBelow('image').filter((file) => !file.startsWith(at('image/test-guest'))),
        ...shared,
        dist('deskvisor'),
        dist('native/deskvisor-boot-key'),
        bootPictureRom,
        ...shellFiles.map(({ file }) => file),
      ],
      outputs: [dist('deskvisor.raw'), dist('deskvisor.efi')],
      takes: '2 minutes',
    },
    () => {
      const output = mkosi('image', 'deskvisor', ['--image-version', packageVersion()])
      publish(join(output, 'deskvisor.efi'))
      publish(join(output, 'deskvisor.raw'))
    },
  )
  await step(
    'test guest dist/test-guest.raw',
    {
      inputs: [...filesBelow('image/test-guest', 'docs/guest'), ...shared],
      outputs: [dist('test-guest.raw')],
      takes: '1 minute',
    },
    () => publish(join(mkosi('image/test-guest', 'test-guest', []), 'test-guest.raw')),
  )
  return 0
}

function packageVersion() {
  return JSON.parse(readFileSync(at('package.json'), 'utf8')).version
}

/** Runs mkosi on a folder and returns the one that holds what it made. Its own words go to dist/NAME.log. */
export function mkosi(folder, name, extra) {
  const output = join(cacheFolder, 'output', name)
  const packageCache = join(cacheFolder, 'packages')
  for (const path of [output, packageCache, dist()]) mkdirSync(path, { recursive: true })
  const log = openSync(dist(`${name}.log`), 'w')
  try {
    inToolsTree(
      [
        'mkosi',
        '--directory',
        at(folder),
        '--force',
        '--mirror',
        mirror(),
        '--output-directory',
        output,
        '--sandbox-tree',
        packageSources(),
        '--package-cache-dir',
        packageCache,
        ...extra,
        'build',
      ], // prettier-ignore
      { stdio: ['ignore', log, log] },
    )
  } catch (error) {
    const tail = readFileSync(dist(`${name}.log`), 'utf8')
      .split('\n')
      .slice(-25)
      .join('\n')
    throw new Error(`${error.message}\n${tail}\nAll of it: dist/${name}.log`)
  }
  return output
}

/** Copies a file to dist/, where it appears under its name only when it is complete. */
function publish(file) {
  const name = basename(file)
  tool('cp', ['--dereference', '--sparse=always', '--reflink=auto', file, dist(`${name}.partial`)])
  renameSync(dist(`${name}.partial`), dist(name))
}

/** mkosi would add an archive of debug symbols that not every mirror has: this replaces its list of sources. */
function packageSources() {
  const tree = join(cacheFolder, 'sandbox')
  const folder = join(tree, 'etc/apt/sources.list.d')
  mkdirSync(folder, { recursive: true })
  const lines = [
    'Types: deb',
    `URIs: ${mirror()}`,
    'Suites: trixie trixie-updates',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
  ]
  writeFileSync(join(folder, 'mkosi.sources'), `${lines.join('\n')}\n`)
  return tree
}
