import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import t from 'tap'
import {
  cartridgeAtState,
  cloneCartridge,
  createCartridge,
  deleteCartridge,
  describeCartridge,
  emptyTrash,
  exportCartridge,
  growDisk,
  insertCartridge,
  insertedCartridge,
  listCartridges,
  listTrash,
  nextStateNumber,
  readCartridge,
  renameCartridge,
  restoreCartridge,
  swapPresent,
  withCartridgeLock,
} from '../../../orchestrator/cartridges/index.ts'
import { rawDisk } from '../fixtures/images.ts'
import { Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
const kept = '2026-11-20T21:05:03Z-boot'

/** A cartridge with a real disk, a TPM and one snapshot whose disk differs. */
function machine(test: ConstructorParameters<typeof Tree>[0]): Tree {
  const tree = new Tree(test).withCartridge()
  const present = tree.data('cartridges/gondor/states/0001')
  renameSync(rawDisk(tree), `${present}/disk.raw`)
  mkdirSync(`${present}/tpm`)
  writeFileSync(`${present}/tpm/state`, 'secret keys')
  const snapshot = tree.data(`cartridges/gondor/snapshots/${kept}`)
  execFileSync('mkdir', ['-p', snapshot])
  execFileSync('cp', ['-r', `${present}/.`, snapshot])
  writeFileSync(`${snapshot}/disk.raw`, Buffer.alloc(mebibyte, 'earlier'))
  return tree
}

const names = (tree: Tree) => listCartridges(tree.machine).map(({ name }) => name)
const store = (tree: Tree) => readdirSync(tree.data('cartridges')).sort()

t.test('a new one has an empty disk and can be played', async (t) => {
  const tree = new Tree(t)
  const made = await createCartridge({
    machine: tree.machine,
    name: 'gondor',
    title: 'Gondor',
    sizeBytes: 10_000_001,
  })
  t.same([statSync(made.disk).size, statSync(made.disk).blocks], [10_000_384, 0])
  t.same(readdirSync(made.tpm), [])
  await insertCartridge(tree.machine, 'gondor')
  t.same(insertedCartridge(tree.machine), made)
  t.match(listCartridges(tree.machine), [
    { name: 'gondor', diskBytes: 10_000_384, uuid: made.uuid, golden: false },
  ])
  for (const sizeBytes of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
    const wrong = createCartridge({ machine: tree.machine, name: 'rohan', sizeBytes })
    await t.rejects(wrong, { code: 'bad-size', exitCode: 2 }, `${sizeBytes}`)
  }
  t.same(store(tree), ['gondor'])
})

t.test('a copy is another machine with the same disk', async (t) => {
  const tree = machine(t)
  const original = readCartridge(tree.machine, 'gondor')
  const copy = await cloneCartridge({ machine: tree.machine, name: 'gondor', newName: 'rohan' })
  t.ok(readFileSync(copy.disk).equals(readFileSync(original.disk)))
  t.equal(readFileSync(copy.uefiVars, 'utf8'), 'variables')
  t.not(copy.uuid, original.uuid)
  t.same(readdirSync(copy.tpm), [], 'the TPM belongs to the original')
  t.equal(copy.note, 'Copy of Gondor')
  t.ok(statSync(copy.disk).blocks * 512 < 5_000_000, 'holes stay holes')
  t.equal(readFileSync(`${original.tpm}/state`, 'utf8'), 'secret keys')
  const earlier = await cloneCartridge({
    machine: tree.machine,
    name: 'gondor',
    newName: 'arnor',
    snapshot: kept,
  })
  t.equal(statSync(earlier.disk).size, mebibyte)
  t.same(names(tree), ['arnor', 'gondor', 'rohan'])
})

t.test('copying is refused, or cancelled, without a trace', async (t) => {
  const tree = machine(t)
  const clone = (more: object) =>
    cloneCartridge({ machine: tree.machine, name: 'gondor', newName: 'rohan', ...more })
  await t.rejects(clone({ newName: 'Gondor' }), { code: 'name-taken' })
  await t.rejects(clone({ name: 'mordor' }), { code: 'no-such-cartridge' })
  for (const snapshot of ['../states/0001', '2026-01-01T00:00:00Z-boot', '', '.new-x']) {
    await t.rejects(clone({ snapshot }), { code: 'no-such-snapshot', exitCode: 2 })
  }
  await t.rejects(clone({ signal: AbortSignal.abort() }), { code: 'cancelled' })
  await withCartridgeLock(tree.machine, 'gondor', async () => {
    t.equal((await clone({ newName: 'inside' })).name, 'inside', 'who holds the lock may')
  })
  t.same(store(tree), ['gondor', 'inside'])
})

t.test('renaming the inserted one takes the console along', async (t) => {
  const tree = machine(t)
  t.equal(await renameCartridge(tree.machine, 'GONDOR', 'Rohan'), 'Rohan')
  t.equal(insertedCartridge(tree.machine).name, 'Rohan')
  t.equal(readlinkSync(tree.data('console/cartridge')), '../cartridges/Rohan')
  t.same(readdirSync(tree.data('console')), ['cartridge'])
  await renameCartridge(tree.machine, 'Rohan', 'rohan')
  t.same(names(tree), ['rohan'], 'only the case may change, too')
  await createCartridge({ machine: tree.machine, name: 'gondor', sizeBytes: 512 })
  await t.rejects(renameCartridge(tree.machine, 'rohan', 'GONDOR'), { code: 'name-taken' })
  await t.rejects(renameCartridge(tree.machine, 'rohan', '../x'), { code: 'bad-name' })
  await t.rejects(renameCartridge(tree.machine, 'mordor', 'x'), { code: 'no-such-cartridge' })
})

t.test('a crash in the middle of renaming the inserted one leaves it inserted', async (t) => {
  const tree = machine(t)
  tree.writeData('console/cartridge.renaming', '{"from":"gondor","to":"rohan"}\n')
  t.equal(insertedCartridge(tree.machine).name, 'gondor', 'before the folder has its new name')
  renameSync(tree.data('cartridges/gondor'), tree.data('cartridges/rohan'))
  t.equal(insertedCartridge(tree.machine).name, 'rohan', 'after it')
  t.match(listCartridges(tree.machine), [{ name: 'rohan', inserted: true }])
  await renameCartridge(tree.machine, 'rohan', 'arnor')
  t.equal(insertedCartridge(tree.machine).name, 'arnor')
  t.same(readdirSync(tree.data('console')), ['cartridge'])
  for (const record of ['{', '{"from":"arnor","to":"../.."}', '{"from":"arnor"}', '[]']) {
    tree.writeData('console/cartridge.renaming', record)
    rmSync(tree.data('console/cartridge'))
    symlinkSync('../cartridges/mordor', tree.data('console/cartridge'))
    t.throws(() => insertedCartridge(tree.machine), { code: 'no-cartridge' })
  }
})

t.test('a new one under the old name is not the inserted one after such a crash', async (t) => {
  const tree = machine(t)
  tree.writeData('console/cartridge.renaming', '{"from":"gondor","to":"rohan"}\n')
  renameSync(tree.data('cartridges/gondor'), tree.data('cartridges/rohan'))
  await createCartridge({ machine: tree.machine, name: 'gondor', sizeBytes: 512 })
  t.equal(insertedCartridge(tree.machine).name, 'rohan')
  t.equal(readlinkSync(tree.data('console/cartridge')), '../cartridges/rohan')
  t.same(readdirSync(tree.data('console')), ['cartridge'])
})

t.test('a note of a rename that never began is forgotten', async (t) => {
  const tree = machine(t)
  tree.writeData('console/cartridge.renaming', '{"from":"gondor","to":"rohan"}\n')
  await createCartridge({ machine: tree.machine, name: 'rohan', sizeBytes: 512 })
  t.equal(insertedCartridge(tree.machine).name, 'gondor')
  t.same(readdirSync(tree.data('console')), ['cartridge'])
})

t.test('a moment that somebody named by hand is one everywhere', async (t) => {
  const tree = machine(t)
  const snapshot = 'before the holidays (Anna)'
  renameSync(
    tree.data(`cartridges/gondor/snapshots/${kept}`),
    tree.data(`cartridges/gondor/snapshots/${snapshot}`),
  )
  const copy = await cloneCartridge({ machine: tree.machine, name: 'gondor', newName: 'rohan', snapshot })
  t.equal(statSync(copy.disk).size, mebibyte)
  await describeCartridge(tree.machine, 'gondor', { golden: snapshot })
  t.equal(readCartridge(tree.machine, 'gondor').golden, snapshot)
})

t.test('what was deleted comes back', async (t) => {
  const tree = machine(t)
  const before = readCartridge(tree.machine, 'gondor')
  const entry = await deleteCartridge(tree.machine, 'gondor')
  t.match(entry, /^\.trash-gondor-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  t.same(names(tree), [])
  t.notOk(existsSync(tree.data('console/cartridge')), 'the console points to nothing that is not there')
  t.match(await listTrash(tree.machine), [{ entry, name: 'gondor' }])
  t.equal(await restoreCartridge(tree.machine, entry), 'gondor')
  t.same(readCartridge(tree.machine, 'gondor'), before)
  t.same(await listTrash(tree.machine), [])
})

t.test('restoring under a taken name asks for another one', async (t) => {
  const tree = machine(t)
  const entry = await deleteCartridge(tree.machine, 'gondor')
  tree.withCartridge('GONDOR')
  await t.rejects(restoreCartridge(tree.machine, entry), { code: 'name-taken' })
  t.equal(await restoreCartridge(tree.machine, entry, 'old'), 'old')
  for (const wrong of ['.trash-x-2026-11-20T21:05:03Z', '../gondor', 'GONDOR', '']) {
    await t.rejects(restoreCartridge(tree.machine, wrong), { code: 'not-in-trash', exitCode: 2 })
  }
})

t.test('two of one name in one second have each their place in the trash', async (t) => {
  const tree = new Tree(t)
  const entries: string[] = []
  for (let round = 0; round < 3; round++) {
    tree.withCartridge()
    entries.push(await deleteCartridge(tree.machine, 'gondor'))
    rmSync(tree.data('console/cartridge'), { force: true })
  }
  t.equal(new Set(entries).size, 3)
  t.same(
    (await listTrash(tree.machine)).map(({ entry }) => entry),
    entries.toReversed(),
    'newest first',
  )
})

t.test('the trash is emptied oldest first, as far as needed', async (t) => {
  const tree = new Tree(t)
  for (const day of ['03', '01', '02']) {
    tree.writeData(`cartridges/.trash-gondor-2026-11-${day}T00:00:00Z/states/0001/disk.raw`, day)
  }
  tree.writeData('cartridges/.trash-/x', 'not ours')
  let asked = 0
  const { removed } = await emptyTrash(tree.machine, { enough: async () => ++asked > 1 })
  t.same(removed, ['.trash-gondor-2026-11-01T00:00:00Z', '.trash-gondor-2026-11-02T00:00:00Z'])
  await emptyTrash(tree.machine)
  t.same(store(tree), ['.trash-'])
})

t.test('a disk grows, and never shrinks', async (t) => {
  const tree = machine(t)
  const { disk } = readCartridge(tree.machine, 'gondor')
  const before = readFileSync(disk)
  await growDisk(tree.machine, 'Gondor', 30 * mebibyte + 1)
  const after = readFileSync(disk)
  t.equal(after.length, 30 * mebibyte + 512)
  t.ok(after.subarray(0, before.length).equals(before))
  for (const size of [1, 30 * mebibyte + 512, -5, 2 ** 60]) {
    await t.rejects(growDisk(tree.machine, 'gondor', size), { code: 'bad-size', exitCode: 2 })
  }
  t.equal(statSync(disk).size, after.length)
})

t.test('describing keeps what it does not know', async (t) => {
  const tree = machine(t)
  const file = tree.data('cartridges/gondor/cartridge.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), later: { key: null } }))
  await describeCartridge(tree.machine, 'gondor', {
    title: 'Minas Tirith',
    note: 'two\nlines',
    freeze: false,
    reset: 'every-start',
    golden: kept,
  })
  t.match(readCartridge(tree.machine, 'gondor'), {
    title: 'Minas Tirith',
    note: 'two?lines',
    freeze: false,
    reset: 'every-start',
    golden: kept,
  })
  await describeCartridge(tree.machine, 'gondor', { title: '', reset: null, golden: null })
  t.match(readCartridge(tree.machine, 'gondor'), {
    title: 'gondor',
    reset: null,
    golden: null,
    freeze: false,
  })
  t.match(JSON.parse(readFileSync(file, 'utf8')), { later: { key: null } })
  await t.rejects(describeCartridge(tree.machine, 'gondor', { golden: '../..' }), {
    code: 'no-such-snapshot',
  })
  const long = 'x'.repeat(1001)
  await t.rejects(describeCartridge(tree.machine, 'gondor', { note: long }), { code: 'bad-description' })
  await t.rejects(describeCartridge(tree.machine, '../gondor', {}), { code: 'bad-name' })
})

t.test('a golden or reset that is no such thing is told, a title that is none is left out', (t) => {
  const tree = machine(t)
  const write = (more: object) =>
    tree.writeData(
      'cartridges/gondor/cartridge.json',
      JSON.stringify({ uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', ...more }),
    )
  for (const wrong of [{ golden: '../../etc' }, { golden: 7 }, { golden: '' }, { reset: true }]) {
    write(wrong)
    t.throws(() => readCartridge(tree.machine, 'gondor'), { code: 'no-cartridge', message: /no valid/ })
  }
  write({ title: ['x'], note: 7, freeze: 'no' })
  t.match(readCartridge(tree.machine, 'gondor'), { title: 'gondor', note: '', freeze: true })
  t.end()
})

t.test('states: the next number, the swap, and a look at another one', async (t) => {
  const tree = machine(t)
  const folder = tree.data('cartridges/gondor')
  t.equal(nextStateNumber(folder), '0002')
  execFileSync('cp', ['-r', `${folder}/states/0001`, `${folder}/states/0007`])
  mkdirSync(`${folder}/states/.new-0009`)
  t.equal(nextStateNumber(folder), '0008')
  swapPresent(tree.machine, 'gondor', '0007')
  t.match(readCartridge(tree.machine, 'gondor').state, /states\/0007$/)
  for (const wrong of ['0009', '../..', '7', '']) {
    t.throws(() => swapPresent(tree.machine, 'gondor', wrong), { code: 'no-cartridge' })
  }
  t.match(readCartridge(tree.machine, 'gondor').state, /states\/0007$/)
  const earlier = cartridgeAtState(tree.machine, 'gondor', `${folder}/snapshots/${kept}`)
  t.equal(statSync(earlier.disk).size, mebibyte)
  for (const wrong of ['states', 'states/../../rohan', 'snapshots/.new-x', 'states/0001/tpm', '/etc', '']) {
    t.throws(() => cartridgeAtState(tree.machine, 'gondor', `${folder}/${wrong}`), { code: 'no-cartridge' })
  }
})

t.test('an exported disk is the disk, raw and as qcow2', async (t) => {
  const tree = machine(t)
  const { disk } = readCartridge(tree.machine, 'gondor')
  const raw = tree.at('out.raw')
  const seen: number[] = []
  await exportCartridge({
    machine: tree.machine,
    name: 'gondor',
    file: raw,
    onProgress: (done, of) => seen.push(done / of),
  })
  t.ok(readFileSync(raw).equals(readFileSync(disk)))
  t.ok(statSync(raw).blocks * 512 < 5_000_000, 'holes stay holes')
  t.equal(seen.at(-1), 1)
  t.equal(statSync(raw).mode & 0o777, 0o600, 'a whole disk is nobody else’s business')
  await exportCartridge({ machine: tree.machine, name: 'gondor', file: tree.at('out.qcow2') })
  execFileSync('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', tree.at('out.qcow2'), disk])
  await exportCartridge({
    machine: tree.machine,
    name: 'gondor',
    snapshot: kept,
    file: tree.at('earlier.raw'),
  })
  t.equal(statSync(tree.at('earlier.raw')).size, mebibyte)
  t.same(
    readdirSync(tree.root).filter((name) => name.startsWith('.')),
    [],
  )
})

t.test('an export never replaces a file, and leaves none when it fails', async (t) => {
  const tree = machine(t)
  const write = (more: object) =>
    exportCartridge({ machine: tree.machine, name: 'gondor', file: tree.at('out/disk.qcow2'), ...more })
  mkdirSync(tree.at('out'))
  tree.write('there', 'precious')
  await t.rejects(write({ file: tree.at('there') }), { code: 'file-exists', exitCode: 2 })
  t.equal(readFileSync(tree.at('there'), 'utf8'), 'precious')
  await t.rejects(write({ file: tree.at('no/such/folder/x') }), { code: 'bad-file', exitCode: 2 })
  await t.rejects(write({ snapshot: 'none' }), { code: 'no-such-snapshot' })
  await t.rejects(write({ signal: AbortSignal.abort() }), { code: 'cancelled' })
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  await t.rejects(write({ signal: controller.signal, onProgress }), { code: 'cancelled' })
  const { disk } = readCartridge(tree.machine, 'gondor')
  let changed = false
  const startIt = () => {
    if (!changed) utimesSync(disk, new Date(), new Date(1000))
    changed = true
  }
  await t.rejects(write({ onProgress: startIt }), { code: 'export-failed', message: /was started while/ })
  t.same(readdirSync(tree.at('out')), [])
})

t.test('an export to standard output is the whole disk', async (t) => {
  const tree = machine(t)
  const room = new URL('../../../orchestrator/cartridges/index.ts', import.meta.url).href
  const script = `import { exportCartridge } from ${JSON.stringify(room)}
    await exportCartridge({ machine: ${tree.machineCode}, name: 'gondor', file: '-' })`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    maxBuffer: 99 * mebibyte,
  })
  t.ok(output.equals(readFileSync(readCartridge(tree.machine, 'gondor').disk)))
})

t.test('two changes of one cartridge do not meet', async (t) => {
  const tree = machine(t)
  const { promise: locked, resolve: go } = Promise.withResolvers<void>()
  const competing = locked.then(() => deleteCartridge(tree.machine, 'gondor'))
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let late: Promise<void> | undefined
  await withCartridgeLock(tree.machine, 'gondor', async () => {
    go()
    await t.rejects(competing, { code: 'busy' })
    late = ended.then(() => describeCartridge(tree.machine, 'gondor', { title: 'late' }))
    await describeCartridge(tree.machine, 'gondor', { note: 'by who holds the lock' })
  })
  t.equal(readCartridge(tree.machine, 'gondor').note, 'by who holds the lock')
  await withCartridgeLock(tree.machine, 'gondor', async () => {
    end()
    await t.rejects(
      Promise.resolve(late),
      { code: 'busy' },
      'what was begun under an ended lock needs its own',
    )
  })
  await t.rejects(
    withCartridgeLock(tree.machine, 'mordor', () => {}),
    { code: 'no-such-cartridge' },
  )
})
