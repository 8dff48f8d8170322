// dist/cache/prepared-….qcow2: a PC's disk after its first start, with the test guest on it as the cartridge `guest`. No PC is started for it.
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { withLock } from './lock.mjs'
import { beginStep, say } from './progress.mjs'
import { at, dist, filesBelow, tool } from './tools.mjs'
import { cacheFolder, ensureToolsTree, inToolsTree, unfinishedInCache } from './tools-tree.mjs'
import { remove, unfinishedFolder } from './unfinished.mjs'

/** Room for the test guest's disk; the image itself is smaller. */
const diskSize = '8G'

/** Prints the path of the finished disk as its last line. */
export default async function disk() {
  console.log(await makeDisk())
  return 0
}

/** Returns its path, which is another one for each build of an image: what is kept on top of a disk must not see it change. */
export async function makeDisk() {
  const images = [dist('deskvisor.raw'), dist('test-guest.raw')]
  const missing = images.find((image) => !existsSync(image))
  if (missing) throw new Error(`${missing} is missing: run npm run image first`)
  // What is in a gigabyte need not be read: an image that is built anew is a new file.
  const builds = images.map((file) => [statSync(file).size, statSync(file).mtimeMs])
  const hash = createHash('sha256').update(JSON.stringify([diskSize, ...builds]))
  for (const file of filesBelow('build/disk.mjs', 'systemd/repart.d')) hash.update(readFileSync(file))
  const finished = dist('cache', `prepared-${hash.digest('hex').slice(0, 16)}.qcow2`)
  const title = 'Disk with the test guest'
  if (existsSync(finished)) {
    beginStep(title, ': up to date').end()
    return finished
  }
  const progress = beginStep(title, ' (about 20 s) …')
  try {
    await withLock(join(cacheFolder, 'lock'), async () => {
      // Whoever was waited for may have made it.
      if (existsSync(finished)) return
      await ensureToolsTree()
      const folder = join(unfinishedInCache(), 'disk')
      await prepare(folder, finished, progress)
      remove(folder)
    })
  } finally {
    say(`        ${title}: ${progress.end()} s`)
  }
  return finished
}

async function prepare(folder, finished, progress) {
  const [raw, root, definitions] = ['disk.raw', 'root', 'repart.d'].map((name) => join(folder, name))
  mkdirSync(folder)
  progress.now('Copying the image')
  tool('cp', ['--sparse=always', '--reflink=auto', dist('deskvisor.raw'), raw])
  tool('truncate', ['--size', diskSize, raw])
  progress.now('Importing the test guest')
  importGuest(root)
  progress.now('Making the partitions')
  cpSync(at('systemd/repart.d'), definitions, { recursive: true })
  // In the machine, an operating system's state is a subvolume.
  appendFileSync(
    join(definitions, '40-data.conf'),
    `CopyFiles=/:/\nSubvolumes=/cartridges/guest/states/0001\n`,
  )
  await inToolsTree([
    ...['systemd-repart', '--dry-run=no', '--offline=yes', '--definitions', definitions],
    ...['--copy-source', join(root, 'var/lib/deskvisor'), raw],
  ])
  progress.now('Packing')
  const packed = join(unfinishedFolder(dist()), 'disk.qcow2')
  tool('qemu-img', ['convert', '-O', 'qcow2', raw, packed])
  mkdirSync(dirname(finished), { recursive: true })
  for (const old of readdirSync(dirname(finished)))
    if (old.startsWith('prepared-')) rmSync(join(dirname(finished), old))
  renameSync(packed, finished)
}

/** What `deskvisor cartridge import` and `insert` leave on a machine with this root. */
function importGuest(root) {
  mkdirSync(join(root, 'usr/share/OVMF'), { recursive: true })
  mkdirSync(join(root, 'var/lib/deskvisor'), { recursive: true })
  copyFileSync(dist('uefi-vars.fd'), join(root, 'usr/share/OVMF/OVMF_VARS_4M.fd'))
  const deskvisor = (...words) => tool(dist('deskvisor'), ['--root', root, 'cartridge', ...words])
  deskvisor('import', dist('test-guest.raw'), '--name', 'guest')
  deskvisor('insert', 'guest')
  // Firmware that measures what it starts into a TPM costs an emulated PC a minute; the scenario boot-menu has one.
  rmdirSync(join(root, 'var/lib/deskvisor/cartridges/guest/present/tpm'))
}
