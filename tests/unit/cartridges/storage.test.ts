import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import t, { type Test } from 'tap'
import {
  cloneCartridge,
  createCartridge,
  deleteCartridge,
  describeCartridge,
  emptyTrash,
  exportCartridge,
  growDisk,
  importCartridge,
  insertCartridge,
  insertedCartridge,
  listCartridges,
  readCartridge,
  removeDataDisk,
  renameCartridge,
  restoreCartridge,
  setDataDisk,
  sweepLeftovers,
} from '../../../orchestrator/cartridges/index.ts'
import { lockFolder } from '../../../orchestrator/cartridges/lock.ts'
import { examine } from '../../../orchestrator/commands/doctor.ts'
import { missingDevices } from '../../../orchestrator/host/btrfs-devices.ts'
import { takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { freeSpace } from '../../../orchestrator/space/index.ts'
import { Btrfs, noBtrfs } from '../fixtures/btrfs.ts'
import { rawDisk } from '../fixtures/images.ts'
import { Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
const skip = noBtrfs()

function withDisk(test: Test) {
  const tree = new Tree(test)
  return { tree, machine: tree.machine, disk: new Btrfs(test, { mount: tree.data('.') }) }
}

const store = (tree: Tree) => readdirSync(tree.data('cartridges')).sort()

function noise(tree: Tree, name: string, mebibytes: number): string {
  return tree.write(name, randomFillSync(Buffer.alloc(mebibytes * mebibyte)))
}

t.test('every change of a read-only data partition says that it is one', { skip }, async (t) => {
  const { tree, machine, disk } = withDisk(t)
  const file = rawDisk(tree)
  for (const name of ['gondor', 'rohan', 'arnor']) await importCartridge({ machine, file, name })
  await insertCartridge(machine, 'gondor')
  await setDataDisk(machine, 'gondor', mebibyte)
  const entry = await deleteCartridge(machine, 'arnor')
  mkdirSync(tree.data('cartridges/.new-left'))
  disk.remount('ro')
  const name = 'gondor'
  const operations: Record<string, () => Promise<unknown>> = {
    import: () => importCartridge({ machine, file, name: 'mordor' }),
    create: () => createCartridge({ machine, name: 'mordor', sizeBytes: mebibyte }),
    clone: () => cloneCartridge({ machine, name, newName: 'mordor' }),
    rename: () => renameCartridge(machine, name, 'mordor'),
    'rename of another': () => renameCartridge(machine, 'rohan', 'mordor'),
    describe: () => describeCartridge(machine, name, { note: 'x' }),
    grow: () => growDisk(machine, name, 100 * mebibyte),
    'give a disk for data': () => setDataDisk(machine, 'rohan', mebibyte),
    'enlarge the disk for data': () => setDataDisk(machine, name, 2 * mebibyte),
    'remove the disk for data': () => removeDataDisk(machine, name),
    delete: () => deleteCartridge(machine, name),
    'delete another': () => deleteCartridge(machine, 'rohan'),
    restore: () => restoreCartridge(machine, entry),
    'empty the trash': () => emptyTrash(machine),
    insert: () => insertCartridge(machine, 'rohan'),
    'export beside it': () => exportCartridge({ machine, name, file: tree.data('out.qcow2') }),
    'export it raw': () => exportCartridge({ machine, name, file: tree.data('out.raw') }),
    'take a moment': () => takeSnapshot(machine, name, { kind: 'manual' }),
  }
  for (const [what, run] of Object.entries(operations)) {
    const error = await run().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    t.match(error, { code: 'read-only', message: /read-only|only be read/, hint: /\w/ }, what)
    t.notMatch(String((error as Error).message), /EROFS|ENOENT|Unknown error/, what)
  }
  await exportCartridge({ machine, name, file: tree.at('saved.raw') })
  t.ok(readFileSync(tree.at('saved.raw')).equals(readFileSync(file)), 'and it can be saved elsewhere')
  t.equal((await sweepLeftovers(machine)).length, 0)
  disk.remount('rw')
  t.match(
    listCartridges(machine).map((listed) => [listed.name, listed.inserted, listed.problem]),
    [
      ['gondor', true, null],
      ['rohan', false, null],
    ],
  )
})

/** What the kernel lets nobody change, not even root; chattr(1). */
function immutable(t: Test, path: string): void {
  execFileSync('chattr', ['+i', path])
  t.teardown(() => spawnSync('chattr', ['-i', path], { stdio: 'ignore' }))
}

t.test('a delete that fails leaves everything as it was', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  await importCartridge({ machine, file: rawDisk(tree), name: 'gondor' })
  await insertCartridge(machine, 'gondor')
  const before = listCartridges(machine)
  for (const part of ['cartridges/gondor', 'cartridges', 'console']) {
    immutable(t, tree.data(part))
    await t.rejects(deleteCartridge(machine, 'gondor'), part)
    execFileSync('chattr', ['-i', tree.data(part)])
    t.match(before, [{ name: 'gondor', inserted: true, problem: null }])
    t.same(listCartridges(machine), before, part)
    t.same(store(tree), ['gondor'], part)
  }
  await deleteCartridge(machine, 'gondor')
  t.notOk(existsSync(tree.data('console/cartridge')))
})

t.test('a delete that a power cut ended inserts nothing that gets the name later', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  const file = rawDisk(tree)
  await importCartridge({ machine, file, name: 'gondor' })
  await insertCartridge(machine, 'gondor')
  const link = readlinkSync(tree.data('console/cartridge'))
  await deleteCartridge(machine, 'gondor')
  symlinkSync(link, tree.data('console/cartridge'))
  t.throws(() => insertedCartridge(machine), { message: 'No operating system is inserted.' })
  await importCartridge({ machine, file, name: 'gondor' })
  t.match(listCartridges(machine), [{ name: 'gondor', inserted: false }])
  t.throws(() => insertedCartridge(machine), { message: 'No operating system is inserted.' })
})

t.test('an emptying of the trash that fails says what is gone and what is not', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  for (const name of ['gondor', 'rohan', 'arnor'])
    await createCartridge({ machine, name, sizeBytes: mebibyte })
  const gondor = await deleteCartridge(machine, 'gondor')
  const rohan = await deleteCartridge(machine, 'rohan')
  await deleteCartridge(machine, 'arnor')
  immutable(t, tree.data(`cartridges/${gondor}`))
  immutable(t, tree.data(`cartridges/${rohan}/cartridge.json`))
  const said = await emptyTrash(machine).catch((error: Error) => error)
  t.match(said, { code: 'trash-not-empty', hint: /\w/ })
  const message = said instanceof Error ? said.message : ''
  t.ok(message.startsWith(`${gondor} is still in the trash: EPERM`), message)
  t.match(message, /1 more .* not removed either\. Removed for ever: 1\.$/)
  t.same(store(tree), [rohan.replace('.trash-', '.new-'), gondor].sort())
  execFileSync('chattr', ['-i', tree.data(`cartridges/${gondor}`)])
  const later = await emptyTrash(machine).then(
    () => '',
    (error: Error) => error.message,
  )
  t.equal(later, '', 'what cannot be swept yet is logged')
  const half = await emptyTrash(machine, { enough: async () => false })
  t.same(half, { removed: [] })
})

t.test('a first cartridge on a read-only data partition says so, too', { skip }, async (t) => {
  const { tree, machine, disk } = withDisk(t)
  disk.remount('ro')
  const wrong = { code: 'read-only' }
  await t.rejects(importCartridge({ machine, file: rawDisk(tree), name: 'gondor' }), wrong)
  await t.rejects(createCartridge({ machine, name: 'gondor', sizeBytes: mebibyte }), wrong)
})

t.test('a failure is told, and not that its rest cannot be removed either', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  const stuck = tree.data('cartridges/.import-gondor/stuck')
  const controller = new AbortController()
  const onProgress = () => {
    if (existsSync(stuck)) return
    writeFileSync(stuck, '')
    execFileSync('chattr', ['+i', stuck])
    controller.abort()
  }
  const whole = { machine, file: rawDisk(tree), name: 'gondor', onProgress, signal: controller.signal }
  await t.rejects(importCartridge(whole), { code: 'cancelled' })
  t.same(store(tree), ['.import-gondor'])
  await createCartridge({ machine, name: 'rohan', sizeBytes: mebibyte })
  execFileSync('chattr', ['-i', stuck])
  t.same(await sweepLeftovers(machine), ['.import-gondor'])
})

t.test('an export beside the cartridges leaves the machine what it needs to work', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  await importCartridge({ machine, file: noise(tree, 'disk', 130), name: 'gondor' })
  const free = () => freeSpace(tree.data('.')).freeBytes
  const before = free()
  const whole = exportCartridge({ machine, name: 'gondor', file: tree.data('out.qcow2') })
  await t.rejects(whole, { code: 'no-space' })
  t.same(readdirSync(tree.data('.')).sort(), ['cartridges', 'reserve'])
  t.ok(before - free() < 5 * mebibyte)
  await exportCartridge({ machine, name: 'gondor', file: tree.data('out.raw') })
  t.ok(existsSync(tree.data('out.raw')), 'what shares the blocks needs no space')
})

t.test('an export ends when something else fills the data partition meanwhile', { skip }, async (t) => {
  const { tree, machine } = withDisk(t)
  await importCartridge({ machine, file: noise(tree, 'disk', 60), name: 'gondor' })
  let filled = false
  const onProgress = () => {
    if (filled) return
    filled = true
    const count = Math.floor(freeSpace(tree.data('.')).freeBytes / mebibyte) - 8
    spawnSync('dd', ['if=/dev/urandom', `of=${tree.data('filler')}`, 'bs=1M', `count=${count}`])
  }
  const whole = exportCartridge({
    machine,
    name: 'gondor',
    file: tree.data('out.qcow2'),
    onProgress,
  })
  await t.rejects(whole, { code: 'no-space' })
  t.notOk(readdirSync(tree.data('.')).some((name) => name.startsWith('.out')))
})

t.test('what a killed export left goes with the next one of that name, and no other', async (t) => {
  const tree = new Tree(t).withCartridge()
  const living = spawn('sleep', ['60'], { stdio: 'ignore' })
  t.teardown(() => living.kill())
  await once(living, 'spawn')
  const gone = spawnSync('true').pid
  const random = '0123456789abcdef'
  for (const pid of [gone, process.pid]) tree.write(`out/.out.raw.${pid}.${random}.new`, 'half')
  const kept = [`.other.raw.${gone}.${random}.new`, `.out.raw.${living.pid}.${random}.new`]
  kept.push('.out.raw.new', `.out.raw.x.${random}.new`, `.out.raw.${gone}.x.new`)
  for (const name of kept) tree.write(`out/${name}`, 'not ours')
  const folder = `.out.raw.${gone}.${random.replace('0', 'f')}.new`
  mkdirSync(tree.at(`out/${folder}`))
  await exportCartridge({ machine: tree.machine, name: 'gondor', file: tree.at('out/out.raw') })
  t.same(readdirSync(tree.at('out')).sort(), [...kept, folder, 'out.raw'].sort())
})

t.test('leftovers are swept by themselves, and what somebody works on is not', async (t) => {
  const tree = new Tree(t).withCartridge()
  for (const name of ['.import-a', '.new-b', '.import-busy', '.import-half', '.import-old'])
    tree.writeData(`cartridges/${name}/states/0001/disk.raw`, 'half')
  tree.writeData('cartridges/.new-file', 'x')
  for (const name of ['half', 'old'])
    tree.writeData(`cartridges/.import-${name}/import.json`, '{"source":"x","done":4}')
  const weekAgo = Date.now() / 1000 - 8 * 86_400
  utimesSync(tree.data('cartridges/.import-old/import.json'), weekAgo, weekAgo)
  t.type(lockFolder(tree.data('cartridges/.import-busy')), 'number')
  t.same((await sweepLeftovers(tree.machine)).sort(), ['.import-a', '.import-old', '.new-b', '.new-file'])
  t.same(store(tree), ['.import-busy', '.import-half', 'gondor'], 'a half import may still be continued')
  await emptyTrash(tree.machine, { enough: async () => true })
  t.same(store(tree), ['.import-busy', 'gondor'], 'unless its space is needed')
})

t.test('a mirror that lost a disk works on', { skip }, async (t) => {
  const tree = new Tree(t)
  const mount = tree.data('.')
  const images = ['one', 'two'].map((name) => tree.write(name, ''))
  for (const image of images) execFileSync('truncate', ['-s', '256M', image])
  execFileSync('mkfs.btrfs', ['--quiet', '-d', 'raid1', '-m', 'raid1', ...images])
  const attach = (image: string) =>
    execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim()
  const devices = images.map(attach)
  t.teardown(() => {
    spawnSync('umount', [mount])
    for (const device of devices) spawnSync('losetup', ['--detach', device])
  })
  const [first = '', second = ''] = devices
  execFileSync('btrfs', ['device', 'scan', ...devices])
  execFileSync('mount', [first, mount])
  const file = rawDisk(tree)
  await importCartridge({ machine: tree.machine, file, name: 'gondor' })
  t.equal(missingDevices(mount), 0)
  execFileSync('umount', [mount])
  execFileSync('btrfs', ['device', 'scan', '--forget', second])
  execFileSync('losetup', ['--detach', second])
  execFileSync('mount', ['-o', 'degraded', first, mount])
  t.equal(missingDevices(mount), 1)
  tree.link('/sys/fs', 'sys/fs')
  t.match(examine(tree.machine).at(-1), { result: 'warning', text: 'one of its disks is missing' })
  t.ok(readFileSync(readCartridge(tree.machine, 'gondor').disk).equals(readFileSync(file)))
  await takeSnapshot(tree.machine, 'gondor', { kind: 'manual' })
  await cloneCartridge({ machine: tree.machine, name: 'gondor', newName: 'rohan' })
  await renameCartridge(tree.machine, 'rohan', 'arnor')
  t.same(
    listCartridges(tree.machine).map(({ name, problem }) => [name, problem]),
    [
      ['arnor', null],
      ['gondor', null],
    ],
  )
})
