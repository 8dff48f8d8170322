import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  cartridgeAtState,
  cloneCartridge,
  createCartridge,
  deleteCartridge,
  exportCartridge,
  insertedCartridge,
  listCartridges,
  readCartridge,
  removeDataDisk,
  renameCartridge,
  restoreCartridge,
  setDataDisk,
} from '../../../orchestrator/cartridges/index.ts'
import { type Machine, machineAt } from '../../../orchestrator/host/machine.ts'
import { prepareStart, rollBack, takeSnapshot, undoRollBack } from '../../../orchestrator/snapshots/index.ts'
import { Btrfs, noBtrfs } from '../fixtures/btrfs.ts'
import { everyHostileFile, Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
const stores: Record<string, { skip: string | false; make: (test: Test) => Tree }> = {
  'a plain filesystem': { skip: false, make: (test) => new Tree(test) },
  btrfs: {
    skip: noBtrfs(),
    make(test) {
      const tree = new Tree(test)
      new Btrfs(test, { mount: tree.data('.') })
      return tree
    },
  },
}

const dataOf = (tree: Tree, name = 'gondor') => tree.data(`cartridges/${name}/data.raw`)
const entries = (tree: Tree) => readdirSync(tree.data('cartridges/gondor')).sort()

for (const [where, { skip, make }] of Object.entries(stores)) {
  t.test(`on ${where}: made, grown, removed`, { skip }, async (t) => {
    const tree = make(t)
    await createCartridge({ machine: tree.machine, name: 'gondor', sizeBytes: mebibyte })
    const before = entries(tree)
    t.equal(readCartridge(tree.machine, 'gondor').dataDisk, null)
    t.match(listCartridges(tree.machine), [{ dataBytes: null }])
    writeFileSync(tree.data('cartridges/gondor/.new-data.raw'), 'left by a crash')
    t.same(await setDataDisk(tree.machine, 'Gondor', 8 * mebibyte + 1), { created: true })
    const { dataDisk } = readCartridge(tree.machine, 'gondor')
    t.equal(dataDisk, dataOf(tree))
    const { size, blocks, mode } = statSync(dataOf(tree))
    t.same([size, blocks, mode & 0o777], [8 * mebibyte + 512, 0, 0o600], 'it occupies nothing')
    t.match(listCartridges(tree.machine), [{ dataBytes: size, problem: null }])
    writeFileSync(dataOf(tree), 'files', { flag: 'r+' })
    t.same(await setDataDisk(tree.machine, 'gondor', 16 * mebibyte), { created: false })
    t.equal(statSync(dataOf(tree)).size, 16 * mebibyte)
    t.equal(readFileSync(dataOf(tree)).subarray(0, 5).toString(), 'files')
    for (const bytes of [16 * mebibyte, 1, 0, -1, 1.5, Number.NaN, 2 ** 60]) {
      const wrong = setDataDisk(tree.machine, 'gondor', bytes)
      await t.rejects(wrong, { code: 'bad-size', exitCode: 2 }, `${bytes}`)
    }
    await removeDataDisk(tree.machine, 'gondor')
    t.same(entries(tree), before)
    await t.rejects(removeDataDisk(tree.machine, 'gondor'), { code: 'no-data-disk', exitCode: 2 })
    await t.rejects(removeDataDisk(tree.machine, 'mordor'), { code: 'no-such-cartridge' })
    await t.rejects(setDataDisk(tree.machine, 'mordor', mebibyte), { code: 'no-such-cartridge' })
    await t.rejects(setDataDisk(tree.machine, '../gondor', mebibyte), { code: 'bad-name' })
  })

  t.test(`on ${where}: going back, undoing and resetting leave it alone`, { skip }, async (t) => {
    const tree = make(t)
    const { machine } = tree
    const { disk } = await createCartridge({ machine, name: 'gondor', sizeBytes: mebibyte })
    await setDataDisk(machine, 'gondor', mebibyte)
    const first = (await takeSnapshot(machine, 'gondor', { kind: 'manual' }))?.name ?? ''
    t.notOk(existsSync(tree.data(`cartridges/gondor/snapshots/${first}/data.raw`)), 'no moment holds it')
    const snapshot = tree.data(`cartridges/gondor/snapshots/${first}`)
    t.equal(cartridgeAtState(machine, 'gondor', snapshot).dataDisk, dataOf(tree))
    const inode = statSync(dataOf(tree)).ino
    const written = () => readFileSync(dataOf(tree)).subarray(0, 6).toString()
    writeFileSync(dataOf(tree), 'thesis', { flag: 'r+' })
    writeFileSync(disk, 'broken', { flag: 'r+' })
    await rollBack(machine, 'gondor', first)
    t.equal(written(), 'thesis')
    await undoRollBack(machine, 'gondor')
    t.equal(written(), 'thesis')
    const about = JSON.parse(readFileSync(tree.data('cartridges/gondor/cartridge.json'), 'utf8'))
    tree.writeData(
      'cartridges/gondor/cartridge.json',
      JSON.stringify({ ...about, reset: 'every-start', golden: first }),
    )
    const started = await prepareStart(machine, readCartridge(machine, 'gondor'), { relaunch: false })
    t.notMatch(readFileSync(started.disk, 'latin1'), 'broken', 'the disk is reset')
    t.equal(started.dataDisk, dataOf(tree))
    t.same([written(), statSync(dataOf(tree)).ino], ['thesis', inode])
  })

  t.test(`on ${where}: a copy gets a copy of it, from any moment`, { skip }, async (t) => {
    const tree = make(t)
    const { machine } = tree
    await createCartridge({ machine, name: 'gondor', sizeBytes: mebibyte })
    await setDataDisk(machine, 'gondor', 64 * mebibyte)
    const files = randomFillSync(Buffer.alloc(20 * mebibyte))
    writeFileSync(dataOf(tree), files, { flag: 'r+' })
    const snapshot = (await takeSnapshot(machine, 'gondor', { kind: 'manual' }))?.name ?? ''
    if (where === 'btrfs') execFileSync('btrfs', ['filesystem', 'sync', tree.data('.')])
    const free = () => statfsSync(tree.data('.')).bfree * statfsSync(tree.data('.')).bsize
    const before = free()
    const seen: [number, number][] = []
    const onProgress = (done: number, total: number) => seen.push([done, total])
    for (const request of [{ newName: 'rohan' }, { newName: 'arnor', snapshot }]) {
      const copy = await cloneCartridge({ machine, name: 'gondor', ...request, onProgress })
      t.equal(copy.dataDisk, dataOf(tree, request.newName))
      const bytes = readFileSync(dataOf(tree, request.newName))
      t.ok(bytes.length === 64 * mebibyte && bytes.subarray(0, files.length).equals(files))
      t.ok(statSync(dataOf(tree, request.newName)).blocks * 512 < 24 * mebibyte, 'holes stay holes')
    }
    if (where === 'btrfs') t.ok(before - free() < 8 * mebibyte, 'what is the same is stored once')
    t.ok(seen.every(([done, total]) => done <= total && total >= 65 * mebibyte))
    t.same(seen.at(-1), [65 * mebibyte, 65 * mebibyte])
    writeFileSync(dataOf(tree, 'rohan'), 'other', { flag: 'r+' })
    t.ok(readFileSync(dataOf(tree)).subarray(0, 5).equals(files.subarray(0, 5)), 'they are two')
  })

  t.test(`on ${where}: it goes along with its cartridge`, { skip }, async (t) => {
    const tree = make(t)
    const { machine } = tree
    await createCartridge({ machine, name: 'gondor', sizeBytes: mebibyte })
    await setDataDisk(machine, 'gondor', mebibyte)
    await renameCartridge(machine, 'gondor', 'rohan')
    t.equal(readCartridge(machine, 'rohan').dataDisk, dataOf(tree, 'rohan'))
    await restoreCartridge(machine, await deleteCartridge(machine, 'rohan'))
    t.equal(readCartridge(machine, 'rohan').dataDisk, dataOf(tree, 'rohan'))
    await exportCartridge({ machine, name: 'rohan', file: tree.at('out.raw') })
    t.equal(statSync(tree.at('out.raw')).size, mebibyte, 'an export is the first disk')
  })
}

t.test('whatever stands in its place is told or taken, never followed', async (t) => {
  for (const [what, make] of Object.entries(everyHostileFile)) {
    const tree = new Tree(t).withCartridge()
    tree.writeData('cartridges/gondor/data.raw', 'files')
    make(dataOf(tree))
    const isFile = lstatSync(dataOf(tree), { throwIfNoEntry: false })?.isFile() === true
    if (what === 'missing') t.equal(insertedCartridge(tree.machine).dataDisk, null)
    else if (isFile && what !== 'empty') t.equal(insertedCartridge(tree.machine).dataDisk, dataOf(tree), what)
    else {
      const message = /^The disk for data of gondor is (not a regular file|empty)\.$/
      t.throws(() => insertedCartridge(tree.machine), { code: 'no-cartridge', message }, what)
      t.match(listCartridges(tree.machine), [{ problem: message, dataBytes: null, diskBytes: null }])
      await t.rejects(setDataDisk(tree.machine, 'gondor', mebibyte), { code: 'no-cartridge' }, what)
      if (lstatSync(dataOf(tree)).isDirectory()) {
        await t.rejects(removeDataDisk(tree.machine, 'gondor'), { code: 'no-cartridge', message: /a folder/ })
      } else {
        await removeDataDisk(tree.machine, 'gondor')
        t.equal(insertedCartridge(tree.machine).dataDisk, null, `${what} is removed itself`)
      }
    }
  }
})

/** The tree's machine, as if it were this one and its console ran. */
function whileItRuns(tree: Tree): Machine {
  const sees = `${tree.data('cartridges/gondor/states/0001')} /run/deskvisor/console`
  const stdout = `Id=deskvisor-console.service\nActiveState=active\nBindPaths=${sees}\n`
  return machineAt(tree.root, { live: true, systemctl: async () => ({ status: 0, stdout, stderr: '' }) })
}

t.test('while its cartridge is played it is not removed, grown, or copied by bytes', async (t) => {
  const tree = new Tree(t).withCartridge()
  const machine = whileItRuns(tree)
  await setDataDisk(machine, 'gondor', mebibyte)
  const data = readFileSync(dataOf(tree))
  await t.rejects(removeDataDisk(machine, 'gondor'), {
    code: 'in-use',
    message: 'gondor is running and cannot lose its disk for data now.',
  })
  await t.rejects(setDataDisk(machine, 'gondor', 2 * mebibyte), { code: 'in-use', message: /larger disk/ })
  t.ok(readFileSync(dataOf(tree)).equals(data))
  tree.writeData('cartridges/rohan/cartridge.json', '{}')
  await t.rejects(removeDataDisk(machine, 'rohan'), { code: 'no-data-disk' }, 'another one is free')
  const snapshot = '2026-11-20T21:05:03Z-boot'
  execFileSync('cp', ['-r', tree.data('cartridges/gondor/states/0001/.'), tree.at('moment')])
  mkdirSync(tree.data('cartridges/gondor/snapshots'), { recursive: true })
  execFileSync('mv', [tree.at('moment'), tree.data(`cartridges/gondor/snapshots/${snapshot}`)])
  const copied = cloneCartridge({ machine, name: 'gondor', newName: 'copy', snapshot: snapshot })
  // Where blocks can be shared, a copy is of one moment and allowed.
  const refusal = await copied.then(() => null).catch((error: Error) => error)
  if (refusal !== null) t.match(refusal, { code: 'in-use', message: /disk for data cannot be copied/ })
})

t.test('a folder that a link leads to is no disk, and the link is what goes', async (t) => {
  const tree = new Tree(t).withCartridge()
  const precious = tree.write('precious', 'files of the host')
  symlinkSync(precious, dataOf(tree))
  await t.rejects(setDataDisk(tree.machine, 'gondor', mebibyte), { code: 'no-cartridge' })
  await removeDataDisk(tree.machine, 'gondor')
  t.equal(readFileSync(join(tree.root, 'precious'), 'utf8'), 'files of the host')
})
