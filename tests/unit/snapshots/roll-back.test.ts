import { existsSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { openCartridge } from '../../../orchestrator/cartridges/index.ts'
import {
  armTry,
  changeGolden,
  dropTry,
  keepTry,
  readRetentionPlan,
  readTimeline,
  rollBack,
  takeSnapshot,
  tryCrashed,
  undoRollBack,
} from '../../../orchestrator/snapshots/index.ts'
import { replacePresent } from '../../../orchestrator/snapshots/roll-back/replace.ts'
import { newSnapshot } from '../../../orchestrator/snapshots/take/save.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Machine, storeKinds } from '../fixtures/timeline.ts'

async function taken(machine: Machine, content?: string): Promise<string> {
  if (content !== undefined) machine.write(content)
  return String((await takeSnapshot(machine.root, machine.name, { kind: 'manual' }))?.name)
}

for (const { kind, skip } of storeKinds) {
  t.test(`rolls back and forth with the ${kind} store`, { skip }, async (t) => {
    const machine = await new Machine(t, kind).withCartridge('good')
    const { root, name } = machine
    const good = await taken(machine)
    machine.write('broken')
    const { saved } = await rollBack(root, name, good)
    t.equal(machine.read(), 'good')
    t.match(saved, { kind: 'before-rollback', consistency: 'offline' })
    t.equal(machine.read(`snapshots/${saved?.name}`), 'broken')
    t.same(machine.names('states'), ['0002'], 'the former state is gone')
    t.equal(readTimeline(root, name).undo, saved?.name)
    t.match(readRetentionPlan(root, name).keep.find((kept) => kept.name === saved?.name)?.reasons, [
      'newest',
      'undo returns to it',
    ])
    machine.write('good, and more')
    const undone = await undoRollBack(root, name)
    t.equal(undone.returnedTo, saved?.name)
    t.equal(machine.read(), 'broken')
    t.equal(machine.read(`snapshots/${undone.saved?.name}`), 'good, and more')
    t.equal((await undoRollBack(root, name)).returnedTo, undone.saved?.name, 'undoing can be undone')
    t.equal(machine.read(), 'good, and more')
    t.equal(machine.read(`snapshots/${good}`), 'good')
    t.match(machine.cartridge(), { state: machine.at('states/0004') }, 'and the cartridge is sound')
  })

  t.test(`tries, keeps and drops with the ${kind} store`, { skip }, async (t) => {
    const machine = await new Machine(t, kind).withCartridge('good')
    const { root, name } = machine
    const good = await taken(machine)
    const other = await taken(machine, 'other')
    machine.write('present')
    await armTry(root, name, good)
    t.same(readTimeline(root, name).trying, { snapshot: good, phase: 'armed' })
    await armTry(root, name, other)
    t.same(readTimeline(root, name).trying, { snapshot: other, phase: 'armed' }, 'the last one counts')
    t.same(machine.names('states').length, 2, 'and nothing is left of the first')
    await dropTry(root, name)
    t.equal(readTimeline(root, name).trying, null)
    t.same([machine.read(), machine.names('states')], ['present', ['0001']])
    await t.rejects(dropTry(root, name), { code: 'nothing-tried' })
    await t.rejects(keepTry(root, name), { code: 'nothing-tried' })
    await armTry(root, name, good)
    const { saved } = await keepTry(root, name)
    t.equal(machine.read(), 'good')
    t.equal(machine.read(`snapshots/${saved?.name}`), 'present')
    t.equal(readTimeline(root, name).trying, null)
    t.equal(
      (await undoRollBack(root, name)).returnedTo,
      saved?.name,
      'keeping can be undone like rolling back',
    )
    t.equal(machine.read(), 'present')
  })
}

t.test('a machine without its present rolls back all the same', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = await taken(machine)
  rmSync(machine.at('present'))
  t.same(await rollBack(root, name, good), { saved: null })
  t.equal(machine.read(), 'good')
  rmSync(machine.at('present/disk.raw'))
  const { saved } = await rollBack(root, name, good)
  t.ok(existsSync(machine.at(`snapshots/${saved?.name}/uefi-vars.fd`)), 'what is left of it is kept')
  rmSync(machine.at('present'))
  symlinkSync('/etc', machine.at('present'))
  t.same(await rollBack(root, name, good), { saved: null })
  t.equal(machine.read(), 'good')
  t.ok(existsSync('/etc/passwd'))
})

t.test('a rolling back that is aborted or fails changes nothing', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = await taken(machine)
  machine.write('present')
  const before = ['states', 'snapshots', 'timeline', ''].map((folder) => machine.names(folder))
  const controller = new AbortController()
  let steps = 0
  const aborted = rollBack(root, name, good, {
    signal: controller.signal,
    onProgress: () => ++steps > 4 && controller.abort(),
  })
  await t.rejects(aborted, { name: 'AbortError' })
  t.same(
    ['states', 'snapshots', 'timeline', ''].map((folder) => machine.names(folder)),
    before,
  )
  t.equal(machine.read(), 'present')
})

t.test(
  'a moment that waits to be tried outlives a rolling back that fails, and ends with one that works',
  async (t) => {
    const machine = await new Machine(t, 'copy').withCartridge('good')
    const { root, name } = machine
    const good = await taken(machine)
    machine.write('present')
    await armTry(root, name, good)
    const armed = { snapshot: good, phase: 'armed' }
    await t.rejects(rollBack(root, name, good, { signal: AbortSignal.abort() }), { name: 'AbortError' })
    t.same(readTimeline(root, name).trying, armed, 'after one that was aborted at once')
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    await t.rejects(rollBack(root, name, good, { signal: controller.signal, onProgress }), {
      name: 'AbortError',
    })
    t.same(readTimeline(root, name).trying, armed, 'and after one that was aborted on its way')
    t.same(machine.names('states'), ['0001', '0002'])
    await rollBack(root, name, good)
    t.equal(readTimeline(root, name).trying, null)
    t.same(machine.names('states'), ['0003'], 'nothing is left of it')
  },
)

t.test('a desktop that was started while the copying went on keeps its state', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = await taken(machine)
  machine.write('present')
  const opened = openCartridge(root, name)
  const now = new Date()
  const folders = ['states', 'snapshots', 'timeline', '']
  const before = folders.map((folder) => machine.names(folder))
  const replaced = replacePresent({
    opened,
    before: opened.present(),
    saveAs: newSnapshot(opened, 'before-rollback', now),
    number: '0002',
    from: good,
    expectFree: async () => {
      t.equal(machine.read('states/0002'), 'good', 'everything is copied')
      throw new Error('It runs.')
    },
    now,
  })
  await t.rejects(replaced, { message: 'It runs.' })
  t.equal(machine.read(), 'present')
  t.same(
    folders.map((folder) => machine.names(folder)),
    before,
  )
})

t.test('a tried moment that ended waits to be kept or dropped', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = await taken(machine)
  await armTry(root, name, good)
  await tryCrashed(root, name)
  t.match(readTimeline(root, name).trying, { phase: 'armed' }, 'one that does not run cannot crash')
  writeFileSync(machine.at('try.json'), JSON.stringify({ snapshot: good, state: '0002', phase: 'running' }))
  await tryCrashed(root, name)
  t.match(readTimeline(root, name).trying, { phase: 'ended' })
  await t.rejects(armTry(root, name, good), { code: 'try-pending' })
  machine.write('tried', 'states/0002')
  await keepTry(root, name)
  t.equal(machine.read(), 'tried', 'what was written while it was tried is kept')
})

for (const garbage of [
  '',
  '[]',
  '{"snapshot":7}',
  '{"snapshot":"../..","state":"0001","phase":"armed"}',
  '\u0000',
]) {
  t.test(`a try.json that is ${JSON.stringify(garbage)} counts as none`, async (t) => {
    const machine = await new Machine(t, 'copy').withCartridge('good')
    const good = await taken(machine)
    writeFileSync(machine.at('try.json'), garbage)
    t.equal(readTimeline(machine.root, machine.name).trying, null)
    await armTry(machine.root, machine.name, good)
    t.match(readTimeline(machine.root, machine.name).trying, { snapshot: good })
  })
}

t.test(
  'a machine that resets takes no other present, because its next start would throw it away',
  async (t) => {
    const machine = await new Machine(t, 'copy').withCartridge('golden')
    const { root, name } = machine
    const golden = await taken(machine)
    const other = await taken(machine, 'other')
    await rollBack(root, name, golden)
    await armTry(root, name, other)
    await changeGolden(root, name, { golden, reset: true })
    const refused = (moment: RegExp) => ({
      code: 'resets-every-start',
      message: /^Every start of gondor begins from its golden moment/,
      hint: new RegExp(`cartridge golden gondor ${moment.source}\\).*cartridge reset gondor off`),
    })
    await t.rejects(rollBack(root, name, other), refused(/\S+-manual\S*/))
    await t.rejects(undoRollBack(root, name), refused(/\S+-before-rollback/))
    await t.rejects(keepTry(root, name), refused(/\S+-manual\S*/))
    t.match(readTimeline(root, name).trying, { snapshot: other }, 'a try is for one start, and stays')
    t.equal(machine.read(), 'golden')
    await changeGolden(root, name, { reset: false })
    await keepTry(root, name)
    t.equal(machine.read(), 'other')
  },
)

t.test('there is nothing to undo before the first rolling back', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  await t.rejects(undoRollBack(machine.root, machine.name), { code: 'nothing-to-undo' })
})

t.test('a disk that takes no more', { skip: noBtrfs() }, async (t) => {
  const machine = await new Machine(t, 'btrfs').withCartridge('good')
  const { root, name, disk } = machine
  const good = await taken(machine)
  machine.write('present')

  await t.test('that is read-only: one clear sentence, and everything as it was', async (t) => {
    disk?.remount('ro')
    const refused = { code: 'read-only', message: 'The data partition is read-only, so nothing was changed.' }
    await t.rejects(takeSnapshot(root, name, { kind: 'manual' }), refused)
    await t.rejects(rollBack(root, name, good), refused)
    await t.rejects(armTry(root, name, good), refused)
    t.equal(readTimeline(root, name).snapshots.length, 1)
    disk?.remount('rw')
    t.equal(machine.read(), 'present')
  })

  await t.test('that is full: no snapshot is taken, but rolling back works or says why', async (t) => {
    machine.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 0\n')
    fill(machine.tree.data('ballast'))
    const outcome = await rollBack(root, name, good).then(
      () => 'good',
      (error: { code: string }) => error.code,
    )
    t.ok(outcome === 'good' || outcome === 'no-space', outcome)
    t.equal(machine.read(), outcome === 'good' ? 'good' : 'present')
    rmSync(machine.tree.data('ballast'))
    rmSync(machine.tree.data('deskvisor.toml'))
  })

  await t.test('that is fuller than the floor: no snapshot, with the numbers', async (t) => {
    machine.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000\n')
    await t.rejects(takeSnapshot(root, name, { kind: 'hourly' }), {
      code: 'no-space',
      message: /^Only 0\.\d GiB are free, and 1000\.0 GiB must stay free, so no moment was kept\.$/,
    })
    t.equal(readlinkSync(machine.at('present')).startsWith('states/'), true)
    t.same(readdirSync(machine.at('snapshots')).length, readTimeline(root, name).snapshots.length)
  })
})

function fill(path: string): void {
  for (let size = 16 * 1024 * 1024; size >= 4096; size /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: 'a', flush: true })
    } catch {
      // Smaller pieces may still fit.
    }
  }
}
