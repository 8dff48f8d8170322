// The image: `node build.mjs image` makes dist/deskvisor.raw and dist/test-guest.raw from the mkosi definitions in image/.
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import binary from './binary.mjs'
import bootPicture, { bootPictureRom } from './boot-picture.mjs'
import deps from './deps.mjs'
import { withLock } from './lock.mjs'
import { mkosi } from './mkosi.mjs'
import { expectSteps } from './progress.mjs'
import { makeShellFiles, shellFiles } from './shell-files.mjs'
import { at, dist, filesBelow, step, tool } from './tools.mjs'
import { cacheFolder, makeToolsTree } from './tools-tree.mjs'
import { remove, unfinishedFolder } from './unfinished.mjs'

/** How many steps there are, those of `binary` among them. */
export const imageSteps = 13

/** `more`: steps that follow when this is part of something. */
export default async function image(_args = [], more = 0) {
  expectSteps(imageSteps + more)
  await deps()
  await withLock(dist('lock'), makeImage)
  return 0
}

async function makeImage() {
  await binary()
  await bootPicture()
  await step(
    'Boot key sampler',
    {
      inputs: filesBelow('initramfs').filter((file) => /\.[ch]$/.test(file)),
      outputs: [dist('native/deskvisor-boot-key')],
    },
    compileSampler,
  )
  await step(
    'Manual page and completion',
    { inputs: [dist('deskvisor')], outputs: shellFiles.map(({ file }) => file) },
    () => makeShellFiles(),
  )
  const shared = [...filesBelow('systemd'), ...filesBelow('build/mkosi.mjs', 'build/tools-tree.mjs')]
  const steps = [() => appliance(shared), () => testGuest(shared)]
  await withLock(join(cacheFolder, 'lock'), async () => {
    await makeToolsTree()
    // Each leaves a processor idle while it waits for the disk. The failure of one is told when the other has ended.
    const results = await Promise.allSettled(steps.map((make) => make()))
    for (const { reason } of results) if (reason) throw reason
  })
}

function compileSampler() {
  const flags = ['-Os', '-static', '-Wall', '-Wextra', '-Werror']
  tool('cc', [...flags, '-o', dist('native/deskvisor-boot-key'), at('initramfs/boot-key.c')])
}

function appliance(shared) {
  return step(
    'Image',
    {
      inputs: [
        ...filesBelow('image').filter((file) => !file.startsWith(at('image/test-guest'))),
        ...shared,
        dist('deskvisor'),
        dist('native/deskvisor-boot-key'),
        bootPictureRom,
        ...shellFiles.map(({ file }) => file),
      ],
      outputs: [dist('deskvisor.raw'), dist('deskvisor.efi'), dist('uefi-vars.fd')],
      takes: '2 minutes',
    },
    async (progress) => {
      const output = await mkosi('image', 'deskvisor', ['--image-version', packageVersion()], progress)
      for (const name of ['uefi-vars.fd', 'deskvisor.efi', 'deskvisor.raw']) publish(join(output, name))
      remove(output)
    },
  )
}

function testGuest(shared) {
  return step(
    'Test guest',
    {
      inputs: [...filesBelow('image/test-guest', 'docs/guest'), ...shared],
      outputs: [dist('test-guest.raw')],
      takes: '2 minutes',
    },
    async (progress) => {
      const output = await mkosi('image/test-guest', 'test-guest', [], progress)
      publish(join(output, 'test-guest.raw'))
      remove(output)
    },
  )
}

function packageVersion() {
  return JSON.parse(readFileSync(at('package.json'), 'utf8')).version
}

/** Copies a file to dist/, where it appears under its name only when it is complete. */
function publish(file) {
  const name = basename(file)
  const partial = join(unfinishedFolder(dist()), name)
  mkdirSync(dist(), { recursive: true })
  tool('cp', ['--dereference', '--sparse=always', '--reflink=auto', file, partial])
  renameSync(partial, dist(name))
}
