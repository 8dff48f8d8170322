import { execFileSync, spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  cloneCartridge,
  createCartridge,
  deleteCartridge,
  emptyTrash,
  exportCartridge,
  importCartridge,
  listTrash,
  readCartridge,
  restoreCartridge,
  stateStore,
} from '../../../orchestrator/cartridges/index.ts'
import { isSubvolume } from '../../../orchestrator/host/btrfs.ts'
import { freeSpace, keepReserve } from '../../../orchestrator/space/index.ts'
import { until } from '../../scenarios/fair-time.ts'
import { Btrfs, noBtrfs } from '../fixtures/btrfs.ts'
import { compressed, imageOf, rawDisk } from '../fixtures/images.ts'
import { Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
const snapshot = '2026-11-20T21:05:03Z-boot'
const skip = noBtrfs()

/** A machine whose data partition is a btrfs, the larger the more there is to do. */
function machine(test: Test, mebibytes = 256): Tree {
  const tree = new Tree(test)
  new Btrfs(test, { mount: tree.data('.'), bytes: mebibytes * mebibyte })
  return tree
}

const store = (tree: Tree) => readdirSync(tree.data('cartridges')).sort()

/** Bytes that are not free, once everything is written back. */
function usedBytes(tree: Tree): number {
  execFileSync('btrfs', ['filesystem', 'sync', tree.data('.')])
  const { blocks, bfree, bsize } = statfsSync(tree.data('.'))
  return (blocks - bfree) * bsize
}

/** So many bytes that nothing can make smaller. */
function noise(tree: Tree, name: string, mebibytes: number): string {
  return tree.write(name, randomFillSync(Buffer.alloc(mebibytes * mebibyte)))
}

t.test('each state is a subvolume, and a copy shares the disk', { skip }, async (t) => {
  const tree = machine(t)
  const { state } = await importCartridge({
    machine: tree.machine,
    file: noise(tree, 'disk', 60),
    name: 'gondor',
  })
  t.ok(isSubvolume(state))
  const before = usedBytes(tree)
  const copy = await cloneCartridge({ machine: tree.machine, name: 'gondor', newName: 'rohan' })
  t.ok(isSubvolume(copy.state))
  t.ok(usedBytes(tree) - before < 5 * mebibyte, 'nothing was copied')
  t.ok(readFileSync(copy.disk).equals(readFileSync(tree.at('disk'))))
})

t.test('deleted with its snapshots, restored, deleted for good', { skip }, async (t) => {
  const tree = machine(t)
  await importCartridge({ machine: tree.machine, file: rawDisk(tree), name: 'gondor' })
  const { folder, state } = readCartridge(tree.machine, 'gondor')
  await stateStore(folder).copy(state, join(folder, 'snapshots', snapshot), { readOnly: true })
  const earlier = await cloneCartridge({
    machine: tree.machine,
    name: 'gondor',
    newName: 'rohan',
    snapshot: snapshot,
  })
  writeFileSync(earlier.disk, 'the copy of a read-only moment can be written to')
  const entry = await deleteCartridge(tree.machine, 'gondor')
  await restoreCartridge(tree.machine, entry)
  t.ok(isSubvolume(join(folder, 'snapshots', snapshot)))
  await deleteCartridge(tree.machine, 'gondor')
  await emptyTrash(tree.machine)
  t.same(store(tree), ['rohan'])
})

t.test('the present is exported from a snapshot that is gone at once', { skip }, async (t) => {
  const tree = machine(t)
  const raw = rawDisk(tree)
  const { disk, folder } = await importCartridge({ machine: tree.machine, file: raw, name: 'gondor' })
  let written = false
  for (const name of ['out.raw', 'out.qcow2']) {
    await exportCartridge({
      machine: tree.machine,
      name: 'gondor',
      file: tree.at(name),
      onProgress() {
        t.same(readdirSync(join(folder, 'states')), ['0001'])
        // What happens to the disk meanwhile is not in the export.
        if (!written) writeFileSync(disk, Buffer.alloc(24 * mebibyte, 'new'))
        written = true
      },
    })
    if (name === 'out.raw') t.ok(readFileSync(tree.at(name)).equals(readFileSync(raw)))
    written = false
    writeFileSync(disk, readFileSync(raw))
  }
  execFileSync('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', tree.at('out.qcow2'), raw])
  await exportCartridge({ machine: tree.machine, name: 'gondor', file: tree.data('shared.raw') })
  t.ok(readFileSync(tree.data('shared.raw')).equals(readFileSync(raw)), 'on the same filesystem, too')
})

t.test('an import that does not fit leaves nothing, whatever it comes in', { skip }, async (t) => {
  const tree = machine(t, 128)
  const raw = noise(tree, 'disk', 90)
  const image = imageOf(tree, raw, 'qcow2')
  for (const file of [raw, image, compressed(tree, raw, 'zst'), compressed(tree, image, 'gz')]) {
    const before = usedBytes(tree)
    await t.rejects(
      importCartridge({ machine: tree.machine, file, name: 'gondor' }),
      { code: 'no-space' },
      file,
    )
    t.same(store(tree), [])
    await untilFreed(tree, before)
    t.ok(usedBytes(tree) < before + 5 * mebibyte, 'the space is free again')
  }
})

t.test('a bomb is stopped where space is needed to keep the machine working', { skip }, async (t) => {
  const tree = machine(t, 128)
  // A pattern that compresses to nothing and is no zeros.
  const bomb = tree.write('bomb', Buffer.alloc(30 * mebibyte, 'boom'))
  const part = readFileSync(compressed(tree, bomb, 'xz'))
  const small = tree.write('bomb.xz', Buffer.concat(Array.from({ length: 5 }, () => part)))
  t.ok(statSync(small).size < mebibyte)
  const free = () => freeSpace(tree.data('.')).freeBytes
  let least = free()
  const onProgress = () => {
    least = Math.min(least, free())
  }
  const whole = importCartridge({ machine: tree.machine, file: small, name: 'gondor', onProgress })
  await t.rejects(whole, { code: 'no-space' })
  t.ok(least > 0)
  t.same(store(tree), [])
})

t.test('zeros take no space, however many', { skip }, async (t) => {
  const tree = machine(t, 128)
  execFileSync('truncate', ['-s', '200M', tree.at('zeros')])
  await keepReserve(tree.machine)
  const before = usedBytes(tree)
  const file = compressed(tree, tree.at('zeros'), 'zst')
  const { disk } = await importCartridge({ machine: tree.machine, file, name: 'gondor' })
  t.equal(statSync(disk).size, 200 * mebibyte)
  t.ok(usedBytes(tree) - before < mebibyte)
})

t.test('the trash gives way to an import, the oldest first and no more than needed', { skip }, async (t) => {
  const tree = machine(t)
  for (const name of ['old', 'older']) {
    const file = noise(tree, name, 30)
    await importCartridge({ machine: tree.machine, file, name })
  }
  mkdirSync(tree.data('cartridges'), { recursive: true })
  await deleteCartridge(tree.machine, 'older')
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await deleteCartridge(tree.machine, 'old')
  execFileSync('sync', ['-f', tree.data('.')])
  const needed = Math.floor((freeSpace(tree.data('.')).freeBytes - 256 * 0.05 * mebibyte) / mebibyte) + 15
  await importCartridge({ machine: tree.machine, file: noise(tree, 'new', needed), name: 'new' })
  t.match(await listTrash(tree.machine), [{ name: 'old' }])
})

t.test('a block device: imported, refused while it is mounted, and known again', { skip }, async (t) => {
  const tree = machine(t)
  const raw = rawDisk(tree, 'device.img', 120)
  execFileSync('mkfs.btrfs', ['--quiet', '--force', raw])
  const device = execFileSync('losetup', ['--find', '--show', raw], { encoding: 'utf8' }).trim()
  t.teardown(() => spawnSync('losetup', ['--detach', device]))
  mkdirSync(tree.at('mnt'))
  execFileSync('mount', ['-o', 'ro', device, tree.at('mnt')])
  const take = () => importCartridge({ machine: tree.machine, file: device, name: 'gondor' })
  await t.rejects(take(), { code: 'bad-disk', message: /is in use/ }).finally(() => {
    execFileSync('umount', [tree.at('mnt')])
  })
  const { disk } = await take()
  t.ok(readFileSync(disk).equals(readFileSync(raw)))

  const { identityOf } = await import('../../../orchestrator/cartridges/import/resume.ts')
  const { closeSource, openSource } = await import('../../../orchestrator/cartridges/import/source.ts')
  const source = await openSource(device)
  t.teardown(() => closeSource(source))
  const first = await identityOf(source)
  t.type(first, 'string')
  t.equal(await identityOf(source), first, 'the same while nothing was written')
  execFileSync('dd', ['if=/dev/zero', `of=${device}`, 'bs=4096', 'count=1', 'conv=fsync', 'status=none'])
  t.not(await identityOf(source), first, 'another one afterwards')
})

t.test(
  'an empty disk on btrfs, and what is left of a crash is swept with its subvolumes',
  { skip },
  async (t) => {
    const tree = machine(t)
    mkdirSync(tree.data('cartridges/.new-rohan/states'), { recursive: true })
    const left = tree.data('cartridges/.new-rohan/states/0001')
    await stateStore(tree.data('cartridges')).create(left)
    writeFileSync(join(left, 'disk.raw'), 'half')
    await stateStore(left).copy(left, tree.data('cartridges/.new-rohan/moment'), { readOnly: true })
    await createCartridge({ machine: tree.machine, name: 'gondor', sizeBytes: 64 * mebibyte })
    t.same(store(tree), ['gondor'])
  },
)

/** btrfs frees what was deleted in the background. */
async function untilFreed(tree: Tree, wanted: number): Promise<void> {
  const freed = () => usedBytes(tree) <= wanted + mebibyte
  await until('the filesystem frees what was deleted', freed, { limitS: 120, everyMs: 500 })
}
