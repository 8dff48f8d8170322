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
import { Gondor, storeKinds } from '../fixtures/timeline.ts'

async function taken(gondor: Gondor, content?: string): Promise<string> {
  if (content !== undefined) gondor.write(content)
  return String((await takeSnapshot(gondor.machine, gondor.name, { kind: 'manual' }))?.name)
}

for (const { kind, skip } of storeKinds) {
  t.test(`rolls back and forth with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('good')
    const { machine, name } = gondor
    const good = await taken(gondor)
    gondor.write('broken')
    const { saved } = await rollBack(machine, name, good)
    t.equal(gondor.read(), 'good')
    t.match(saved, { kind: 'before-rollback', consistency: 'offline' })
    t.equal(gondor.read(`snapshots/${saved?.name}`), 'broken')
    t.same(gondor.names('states'), ['0002'], 'the former state is gone')
    t.equal(readTimeline(machine, name).undo, saved?.name)
    t.match(readRetentionPlan(machine, name).keep.find((kept) => kept.name === saved?.name)?.reasons, [
      'newest',
      'undo returns to it',
    ])
    gondor.write('good, and more')
    const undone = await undoRollBack(machine, name)
    t.equal(undone.returnedTo, saved?.name)
    t.equal(gondor.read(), 'broken')
    t.equal(gondor.read(`snapshots/${undone.saved?.name}`), 'good, and more')
    t.equal((await undoRollBack(machine, name)).returnedTo, undone.saved?.name, 'undoing can be undone')
    t.equal(gondor.read(), 'good, and more')
    t.equal(gondor.read(`snapshots/${good}`), 'good')
    t.match(gondor.cartridge(), { state: gondor.at('states/0004') }, 'and the cartridge is sound')
  })

  t.test(`tries, keeps and drops with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('good')
    const { machine, name } = gondor
    const good = await taken(gondor)
    const other = await taken(gondor, 'other')
    gondor.write('present')
    await armTry(machine, name, good)
    t.same(readTimeline(machine, name).trying, { snapshot: good, phase: 'armed' })
    await armTry(machine, name, other)
    t.same(readTimeline(machine, name).trying, { snapshot: other, phase: 'armed' }, 'the last one counts')
    t.same(gondor.names('states').length, 2, 'and nothing is left of the first')
    await dropTry(machine, name)
    t.equal(readTimeline(machine, name).trying, null)
    t.same([gondor.read(), gondor.names('states')], ['present', ['0001']])
    await t.rejects(dropTry(machine, name), { code: 'nothing-tried' })
    await t.rejects(keepTry(machine, name), { code: 'nothing-tried' })
    await armTry(machine, name, good)
    const { saved } = await keepTry(machine, name)
    t.equal(gondor.read(), 'good')
    t.equal(gondor.read(`snapshots/${saved?.name}`), 'present')
    t.equal(readTimeline(machine, name).trying, null)
    t.equal(
      (await undoRollBack(machine, name)).returnedTo,
      saved?.name,
      'keeping can be undone like rolling back',
    )
    t.equal(gondor.read(), 'present')
  })
}

t.test('a machine without its present rolls back all the same', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = await taken(gondor)
  rmSync(gondor.at('present'))
  t.same(await rollBack(machine, name, good), { saved: null })
  t.equal(gondor.read(), 'good')
  rmSync(gondor.at('present/disk.raw'))
  const { saved } = await rollBack(machine, name, good)
  t.ok(existsSync(gondor.at(`snapshots/${saved?.name}/uefi-vars.fd`)), 'what is left of it is kept')
  rmSync(gondor.at('present'))
  symlinkSync('/etc', gondor.at('present'))
  t.same(await rollBack(machine, name, good), { saved: null })
  t.equal(gondor.read(), 'good')
  t.ok(existsSync('/etc/passwd'))
})

t.test('a rolling back that is aborted or fails changes nothing', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = await taken(gondor)
  gondor.write('present')
  const before = ['states', 'snapshots', 'timeline', ''].map((folder) => gondor.names(folder))
  const controller = new AbortController()
  let steps = 0
  const aborted = rollBack(machine, name, good, {
    signal: controller.signal,
    onProgress: () => ++steps > 4 && controller.abort(),
  })
  await t.rejects(aborted, { name: 'AbortError' })
  t.same(
    ['states', 'snapshots', 'timeline', ''].map((folder) => gondor.names(folder)),
    before,
  )
  t.equal(gondor.read(), 'present')
})

t.test(
  'a moment that waits to be tried outlives a rolling back that fails, and ends with one that works',
  async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge('good')
    const { machine, name } = gondor
    const good = await taken(gondor)
    gondor.write('present')
    await armTry(machine, name, good)
    const armed = { snapshot: good, phase: 'armed' }
    await t.rejects(rollBack(machine, name, good, { signal: AbortSignal.abort() }), { name: 'AbortError' })
    t.same(readTimeline(machine, name).trying, armed, 'after one that was aborted at once')
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    await t.rejects(rollBack(machine, name, good, { signal: controller.signal, onProgress }), {
      name: 'AbortError',
    })
    t.same(readTimeline(machine, name).trying, armed, 'and after one that was aborted on its way')
    t.same(gondor.names('states'), ['0001', '0002'])
    await rollBack(machine, name, good)
    t.equal(readTimeline(machine, name).trying, null)
    t.same(gondor.names('states'), ['0003'], 'nothing is left of it')
  },
)

t.test('a desktop that was started while the copying went on keeps its state', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = await taken(gondor)
  gondor.write('present')
  const opened = openCartridge(machine, name)
  const now = new Date()
  const folders = ['states', 'snapshots', 'timeline', '']
  const before = folders.map((folder) => gondor.names(folder))
  const replaced = replacePresent({
    opened,
    before: opened.present(),
    saveAs: newSnapshot(opened, 'before-rollback', now),
    number: '0002',
    from: good,
    expectFree: async () => {
      t.equal(gondor.read('states/0002'), 'good', 'everything is copied')
      throw new Error('It runs.')
    },
    now,
  })
  await t.rejects(replaced, { message: 'It runs.' })
  t.equal(gondor.read(), 'present')
  t.same(
    folders.map((folder) => gondor.names(folder)),
    before,
  )
})

t.test('a tried moment that ended waits to be kept or dropped', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = await taken(gondor)
  await armTry(machine, name, good)
  await tryCrashed(machine, name)
  t.match(readTimeline(machine, name).trying, { phase: 'armed' }, 'one that does not run cannot crash')
  writeFileSync(gondor.at('try.json'), JSON.stringify({ snapshot: good, state: '0002', phase: 'running' }))
  await tryCrashed(machine, name)
  t.match(readTimeline(machine, name).trying, { phase: 'ended' })
  await t.rejects(armTry(machine, name, good), { code: 'try-pending' })
  gondor.write('tried', 'states/0002')
  await keepTry(machine, name)
  t.equal(gondor.read(), 'tried', 'what was written while it was tried is kept')
})

for (const garbage of [
  '',
  '[]',
  '{"snapshot":7}',
  '{"snapshot":"../..","state":"0001","phase":"armed"}',
  '\u0000',
]) {
  t.test(`a try.json that is ${JSON.stringify(garbage)} counts as none`, async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge('good')
    const good = await taken(gondor)
    writeFileSync(gondor.at('try.json'), garbage)
    t.equal(readTimeline(gondor.machine, gondor.name).trying, null)
    await armTry(gondor.machine, gondor.name, good)
    t.match(readTimeline(gondor.machine, gondor.name).trying, { snapshot: good })
  })
}

t.test(
  'a machine that resets takes no other present, because its next start would throw it away',
  async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge('golden')
    const { machine, name } = gondor
    const golden = await taken(gondor)
    const other = await taken(gondor, 'other')
    await rollBack(machine, name, golden)
    await armTry(machine, name, other)
    await changeGolden(machine, name, { golden, reset: true })
    const refused = (snapshot: RegExp) => ({
      code: 'resets-every-start',
      message: /^Every start of gondor begins from its golden moment/,
      hint: new RegExp(`cartridge golden gondor ${snapshot.source}\\).*cartridge reset gondor off`),
    })
    await t.rejects(rollBack(machine, name, other), refused(/\S+-manual\S*/))
    await t.rejects(undoRollBack(machine, name), refused(/\S+-before-rollback/))
    await t.rejects(keepTry(machine, name), refused(/\S+-manual\S*/))
    t.match(readTimeline(machine, name).trying, { snapshot: other }, 'a try is for one start, and stays')
    t.equal(gondor.read(), 'golden')
    await changeGolden(machine, name, { reset: false })
    await keepTry(machine, name)
    t.equal(gondor.read(), 'other')
  },
)

t.test('there is nothing to undo before the first rolling back', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  await t.rejects(undoRollBack(gondor.machine, gondor.name), { code: 'nothing-to-undo' })
})

t.test('a disk that takes no more', { skip: noBtrfs() }, async (t) => {
  const gondor = await new Gondor(t, 'btrfs').withCartridge('good')
  const { machine, name, disk } = gondor
  const good = await taken(gondor)
  gondor.write('present')

  await t.test('that is read-only: one clear sentence, and everything as it was', async (t) => {
    disk?.remount('ro')
    const refused = { code: 'read-only', message: 'The data partition is read-only, so nothing was changed.' }
    await t.rejects(takeSnapshot(machine, name, { kind: 'manual' }), refused)
    await t.rejects(rollBack(machine, name, good), refused)
    await t.rejects(armTry(machine, name, good), refused)
    t.equal(readTimeline(machine, name).snapshots.length, 1)
    disk?.remount('rw')
    t.equal(gondor.read(), 'present')
  })

  await t.test('that is full: no snapshot is taken, but rolling back works or says why', async (t) => {
    gondor.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 0\n')
    fill(gondor.tree.data('ballast'))
    const outcome = await rollBack(machine, name, good).then(
      () => 'good',
      (error: { code: string }) => error.code,
    )
    t.ok(outcome === 'good' || outcome === 'no-space', outcome)
    t.equal(gondor.read(), outcome === 'good' ? 'good' : 'present')
    rmSync(gondor.tree.data('ballast'))
    rmSync(gondor.tree.data('deskvisor.toml'))
  })

  await t.test('that is fuller than the floor: no snapshot, with the numbers', async (t) => {
    gondor.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000\n')
    await t.rejects(takeSnapshot(machine, name, { kind: 'hourly' }), {
      code: 'no-space',
      message: /^Only 0\.\d GiB are free, and 1000\.0 GiB must stay free, so no moment was kept\.$/,
    })
    t.equal(readlinkSync(gondor.at('present')).startsWith('states/'), true)
    t.same(readdirSync(gondor.at('snapshots')).length, readTimeline(machine, name).snapshots.length)
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
