import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { copyDisk } from '../../../orchestrator/cartridges/disks/copy-disk.ts'
import {
  deleteCartridge,
  importCartridge,
  insertCartridge,
  insertedCartridge,
  listCartridges,
  restoreCartridge,
} from '../../../orchestrator/cartridges/index.ts'
import { withStoreLock } from '../../../orchestrator/cartridges/lock.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { hostileFiles, Tree } from '../fixtures/tree.ts'

/** A disk of 8 MiB with a few blocks of data, the rest holes. */
function sparseDisk(tree: Tree): string {
  const file = tree.write('source.raw', 'boot sector')
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, 'far away', 5_000_000)
  ftruncateSync(descriptor, 8 * 1024 * 1024)
  closeSync(descriptor)
  return file
}

t.test('an imported and inserted disk is what the console plays', async (t) => {
  const tree = new Tree(t)
  const file = sparseDisk(tree)
  const seen: number[] = []
  const made = await importCartridge({
    machine: tree.machine,
    file,
    name: 'gondor',
    onProgress: (done, total) => seen.push(done / total),
  })
  t.equal(seen.at(-1), 1, 'progress ends at the end')
  t.same(readFileSync(made.disk), readFileSync(file))
  t.ok(statSync(made.disk).blocks * 512 < 2_000_000, 'holes stay holes')
  t.equal(readFileSync(made.uefiVars, 'utf8'), 'template of the variables')
  t.equal(readlinkSync(tree.data('cartridges/gondor/present')), 'states/0001')
  t.equal(statSync(made.disk).mode & 0o777, 0o600)
  await insertCartridge(tree.machine, 'gondor')
  t.same(insertedCartridge(tree.machine), made)
  t.equal(readlinkSync(tree.data('console/cartridge')), '../cartridges/gondor')
})

t.test('inserting another one swaps the link and leaves nothing behind', async (t) => {
  const tree = new Tree(t).withCartridge('rohan')
  await importCartridge({
    machine: tree.machine,
    file: sparseDisk(tree),
    name: 'gondor',
    title: 'The White City',
  })
  writeFileSync(tree.data('console/.new-cartridge'), 'left by a crash')
  await insertCartridge(tree.machine, 'gondor')
  t.equal(insertedCartridge(tree.machine).title, 'The White City')
  t.same(readdirSync(tree.data('console')), ['cartridge'])
  t.match(listCartridges(tree.machine), [
    { name: 'gondor', inserted: true, problem: null },
    { name: 'rohan', inserted: false, problem: null },
  ])
})

t.test('an interrupted import leaves no cartridge, and the next one sweeps it', async (t) => {
  const tree = new Tree(t)
  tree.writeData('cartridges/.import-gondor/states/0001/disk.raw', 'half a disk')
  t.same(listCartridges(tree.machine), [])
  await importCartridge({ machine: tree.machine, file: sparseDisk(tree), name: 'gondor' })
  t.same(readdirSync(tree.data('cartridges')), ['gondor'])
})

t.test('a failed import keeps nothing', async (t) => {
  const tree = new Tree(t)
  rmSync(tree.at('usr/share/OVMF/OVMF_VARS_4M.fd'))
  await t.rejects(importCartridge({ machine: tree.machine, file: sparseDisk(tree), name: 'gondor' }), {
    code: 'no-firmware',
  })
  t.same(readdirSync(tree.data('cartridges')), [])
})

t.test('an import killed at the worst moment frees its lock', async (t) => {
  const tree = new Tree(t)
  const script = `import { withStoreLock } from ${JSON.stringify(new URL('../../../orchestrator/cartridges/lock.ts', import.meta.url).href)}
    await withStoreLock(${tree.machineCode}, () => { console.log('locked'); return new Promise((r) => setTimeout(r, 60000)) })`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const file = sparseDisk(tree)
  await t.rejects(importCartridge({ machine: tree.machine, file, name: 'gondor' }), { code: 'busy' })
  holder.kill('SIGKILL')
  await once(holder, 'close')
  await importCartridge({ machine: tree.machine, file, name: 'gondor' })
  t.equal(listCartridges(tree.machine).length, 1)
})

t.test('the lock ends with the work', async (t) => {
  const { machine } = new Tree(t)
  await t.rejects(
    withStoreLock(machine, () => Promise.reject(new Error('work failed'))),
    /work failed/,
  )
  t.equal(await withStoreLock(machine, () => 7), 7)
})

const badNames = [
  '',
  '.',
  '..',
  '../x',
  'a/b',
  '-rf',
  '.hidden',
  'a  b',
  'a\u00a0b',
  'a,b',
  'a"b',
  'a$b',
  'a%b',
  'a\\b',
  ' ',
  'a\nb',
  'x'.repeat(65),
  'dot.',
  'a\0b',
]
for (const name of badNames) {
  t.test(`refuses the name ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
    const tree = new Tree(t)
    const wrong = { code: 'bad-name', exitCode: 2 }
    await t.rejects(importCartridge({ machine: tree.machine, file: sparseDisk(tree), name }), wrong)
    await t.rejects(insertCartridge(tree.machine, name), wrong)
  })
}

t.test('names as people write them are folders, and mean the same however they are typed', async (t) => {
  const tree = new Tree(t)
  const file = sparseDisk(tree)
  for (const name of ["Grandma's PC", ' B\u0075\u0308ro 2 ', 'Linux & Windows (new)'])
    await importCartridge({ machine: tree.machine, file, name })
  const names = ['B\u00fcro 2', "Grandma's PC", 'Linux & Windows (new)']
  t.same(readdirSync(tree.data('cartridges')).sort(), names)
  t.same(
    listCartridges(tree.machine).map(({ name, problem }) => [name, problem]),
    names.map((name) => [name, null]),
  )
  await insertCartridge(tree.machine, "GRANDMA'S pc")
  t.equal(insertedCartridge(tree.machine).name, "Grandma's PC")
  const entry = await deleteCartridge(tree.machine, "grandma's pc")
  t.equal(await restoreCartridge(tree.machine, entry), "Grandma's PC")
})

t.test('names that differ only in case or Unicode form are taken', async (t) => {
  const tree = new Tree(t)
  const file = sparseDisk(tree)
  await importCartridge({ machine: tree.machine, file, name: 'Mu\u0308nchen' })
  t.same(readdirSync(tree.data('cartridges')), ['M\u00fcnchen'], 'stored in NFC')
  for (const name of ['m\u00fcnchen', 'M\u00dcNCHEN', 'MU\u0308NCHEN']) {
    await t.rejects(importCartridge({ machine: tree.machine, file, name }), {
      code: 'name-taken',
      exitCode: 2,
    })
  }
})

t.test('a disk of odd length is filled up to whole sectors', async (t) => {
  const tree = new Tree(t)
  const { disk } = await importCartridge({
    machine: tree.machine,
    file: tree.write('odd', 'x'.repeat(700)),
    name: 'odd',
  })
  t.equal(statSync(disk).size, 1024)
})

t.test('a disk that does not fit is refused before it is copied', async (t) => {
  const tree = new Tree(t)
  const target = tree.at('copy.raw')
  // From procfs no block can be shared, so the plain way is taken.
  const copy = copyDisk('/proc/cpuinfo', target, 512, Number.MAX_SAFE_INTEGER, () => {})
  await t.rejects(copy, { code: 'no-space', message: /only \d+ MiB are free/ })
  t.notOk(existsSync(target))
})

const parts = [
  'console/cartridge',
  'cartridges/gondor',
  'cartridges/gondor/cartridge.json',
  'cartridges/gondor/present',
  'cartridges/gondor/states',
  'cartridges/gondor/states/0001',
  'cartridges/gondor/states/0001/disk.raw',
  'cartridges/gondor/states/0001/uefi-vars.fd',
  'cartridges/gondor/states/0001/state.json',
  'cartridges',
  'console',
]
for (const part of parts) {
  for (const [what, make] of Object.entries(hostileFiles)) {
    // What is inside a disk or a variable store is the guest's own business.
    if (what === 'garbage' && /disk\.raw|uefi-vars/.test(part)) continue
    t.test(`${what} in place of ${part} is one clear sentence`, async (t) => {
      const tree = new Tree(t).withCartridge()
      make(tree.data(part))
      const error = t.throws(() => insertedCartridge(tree.machine), { code: 'no-cartridge' })
      t.match((error as Error | undefined)?.message, /^[\p{L}][^\n\p{Cc}]+\.$/u)
      t.doesNotThrow(() => tolerantList(tree.machine), 'the list still works')
    })
  }
}

/** The store itself may be unreadable; then the list may say so, but nothing else. */
function tolerantList(machine: Machine): void {
  try {
    listCartridges(machine)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ELOOP')) throw error
  }
}

for (const target of [
  '/etc',
  '../../../../etc',
  '../cartridges/../../..',
  '../cartridges/.import-x',
  '../cartridges/',
]) {
  t.test(`a console link to ${target} is refused`, async (t) => {
    const tree = new Tree(t).withCartridge()
    rmSync(tree.data('console/cartridge'))
    symlinkSync(target, tree.data('console/cartridge'))
    t.throws(() => insertedCartridge(tree.machine), {
      code: 'no-cartridge',
      message: /which is not an operating system/,
    })
  })
}

for (const part of [
  'cartridges',
  'cartridges/gondor',
  'cartridges/gondor/states',
  'cartridges/gondor/states/0001',
]) {
  t.test(`${part} may not be a link, even to a good one`, async (t) => {
    const tree = new Tree(t).withCartridge()
    renameSync(tree.data(part), tree.at('elsewhere'))
    symlinkSync(tree.at('elsewhere'), tree.data(part))
    t.throws(() => insertedCartridge(tree.machine), { code: 'no-cartridge', message: /is not a folder\.$/ })
  })
}

for (const file of ['disk.raw', 'uefi-vars.fd']) {
  t.test(`${file} may not be a link, even to a good one`, async (t) => {
    const tree = new Tree(t).withCartridge()
    const path = tree.data(`cartridges/gondor/states/0001/${file}`)
    renameSync(path, tree.at('elsewhere'))
    symlinkSync(tree.at('elsewhere'), path)
    t.throws(() => insertedCartridge(tree.machine), {
      code: 'no-cartridge',
      message: /is not a regular file\.$/,
    })
  })
}

t.test('a link that is a folder is not replaced, and inserting says so', async (t) => {
  const tree = new Tree(t).withCartridge()
  rmSync(tree.data('console/cartridge'))
  mkdirSync(tree.data('console/cartridge'))
  await t.rejects(insertCartridge(tree.machine, 'gondor'), { code: 'insert-failed' })
  t.ok(lstatSync(tree.data('console/cartridge')).isDirectory())
})

t.test('inserting what is not there names the next step', async (t) => {
  const wrong = { code: 'no-such-cartridge', exitCode: 2, hint: /cartridge list/ }
  await t.rejects(insertCartridge(new Tree(t).machine, 'mordor'), wrong)
})

t.test('a description that the system refuses to open is told as that', async (t) => {
  const tree = new Tree(t).withCartridge()
  const file = tree.data('cartridges/gondor/cartridge.json')
  rmSync(file)
  // open(2) of a socket is ENXIO.
  const server = createServer().listen(file)
  t.teardown(() => server.close())
  await once(server, 'listening')
  t.match(listCartridges(tree.machine), [{ problem: /cannot be read: ENXIO: / }])
})

const unreadable = '/sys/class/net/lo/speed'
t.test(
  'a disk that cannot be read is refused with what the system says',
  { skip: !existsSync(unreadable) && 'no file here that cannot be read' },
  async (t) => {
    const wrong = { code: 'bad-disk', message: /speed cannot be read: EINVAL/, exitCode: 2 }
    await t.rejects(
      importCartridge({ machine: new Tree(t).machine, file: unreadable, name: 'gondor' }),
      wrong,
    )
  },
)
