import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import {
  changeGolden,
  deleteSnapshot,
  describeSnapshot,
  prune,
  readRetentionPlan,
  readTimeline,
  rollBack,
  takeSnapshot,
} from '../../../orchestrator/snapshots/index.ts'
import { takeOut } from '../fixtures/remove-tree.ts'
import { Gondor, storeKinds } from '../fixtures/timeline.ts'
import { everyHostileFile } from '../fixtures/tree.ts'

const at = (time: string) => new Date(`2026-11-20T${time}Z`)

for (const { kind, skip } of storeKinds) {
  t.test(`takes snapshots with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('first')
    const { machine, name } = gondor
    const first = await takeSnapshot(machine, name, { kind: 'boot', now: at('21:05:03') })
    t.match(first, { name: '2026-11-20T21:05:03Z-boot', kind: 'boot', consistency: 'offline', pauseMs: null })
    t.equal(
      await takeSnapshot(machine, name, { kind: 'hourly', onlyIfWritten: true }),
      null,
      'nothing was written',
    )
    gondor.write('second')
    const second = await takeSnapshot(machine, name, {
      kind: 'boot',
      note: ' before\nthe update ',
      onlyIfWritten: true,
      now: at('21:05:03'),
      quiesce: async (work, settle) => {
        await settle()
        return { value: await work(), consistency: 'frozen', pauseMs: 12, osLabel: 'Gondor 3' }
      },
    })
    t.match(second, {
      name: '2026-11-20T21:05:03Z-boot-2',
      note: 'before the update',
      consistency: 'frozen',
      pauseMs: 12,
      osLabel: 'Gondor 3',
    })
    gondor.write('third')
    t.same(readTimeline(machine, name).snapshots, [second, first], 'newest first, as it was told')
    t.equal(gondor.read(`snapshots/${first?.name}`), 'first')
    t.equal(gondor.read(`snapshots/${second?.name}`), 'second')
    t.match(readTimeline(machine, name), { cartridge: name, trying: null, undo: null })
  })
}

for (const { kind, skip } of storeKinds) {
  t.test(`a guest that cannot be stopped, with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('played')
    const taking = takeSnapshot(gondor.machine, gondor.name, {
      kind: 'manual',
      quiesce: async (work) => ({
        value: await work(),
        consistency: 'crash-consistent',
        pauseMs: null,
        osLabel: null,
      }),
    })
    if (kind === 'btrfs')
      t.match(await taking, { consistency: 'crash-consistent' }, 'is as after a power cut')
    else await t.rejects(taking, { code: 'not-paused', hint: /shut the desktop down/ })
    t.equal(gondor.names('snapshots').length, kind === 'btrfs' ? 1 : 0, 'nothing torn is kept')
  })
}

t.test('a cartridge is known in any case that its name is typed in', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('new')
  const taken = await takeSnapshot(gondor.machine, 'GONDOR', { kind: 'manual' })
  t.match(readTimeline(gondor.machine, 'Gondor'), { cartridge: 'gondor', snapshots: [{ name: taken?.name }] })
  await changeGolden(gondor.machine, 'GonDor', { golden: String(taken?.name) })
  t.equal(gondor.cartridge().golden, taken?.name)
})

for (const [file, content] of [
  ['cartridge.json', '{'],
  ['data.raw', ''],
] as const) {
  t.test(`a bad ${file} is told as what it is, and not as a bad moment`, async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge('new')
    const taken = await takeSnapshot(gondor.machine, gondor.name, { kind: 'manual' })
    writeFileSync(gondor.at(file), content)
    await t.rejects(rollBack(gondor.machine, gondor.name, String(taken?.name)), {
      code: 'cartridge-damaged',
      message: file === 'data.raw' ? /disk for data of gondor is empty/ : /cartridge\.json of gondor/,
      hint: /no other one helps/,
    })
  })
}

t.test('a note, a pin and the golden mark', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  const taken = await takeSnapshot(machine, name, { kind: 'manual' })
  const snapshot = String(taken?.name)
  await describeSnapshot(machine, name, snapshot, { note: 'all\u001b[31m is well', pinned: true })
  t.match(readTimeline(machine, name).snapshots, [
    { note: 'all [31m is well', pinned: true, consistency: 'offline' },
  ])
  await describeSnapshot(machine, name, snapshot, { pinned: false })
  t.match(readTimeline(machine, name).snapshots, [{ note: 'all [31m is well', pinned: false }])
  await t.rejects(describeSnapshot(machine, name, snapshot, { note: 'x'.repeat(1001) }), {
    code: 'bad-description',
  })
  await changeGolden(machine, name, { golden: snapshot })
  t.equal(gondor.cartridge().golden, snapshot)
  await t.rejects(deleteSnapshot(machine, name, snapshot), { code: 'golden', exitCode: 2 })
  await changeGolden(machine, name, { reset: true })
  await t.rejects(changeGolden(machine, name, { golden: null }), {
    code: 'golden-needed',
    hint: /cartridge reset gondor off/,
  })
  await changeGolden(machine, name, { golden: null, reset: false })
  t.match(gondor.cartridge(), { golden: null, reset: null })
  await t.rejects(changeGolden(machine, name, { reset: true }), {
    code: 'no-golden',
    hint: /golden gondor SNAPSHOT/,
  })
  takeOut(gondor.at(`snapshots/${snapshot}/disk.raw`))
  const damaged = changeGolden(machine, name, { golden: snapshot, reset: true })
  await t.rejects(damaged, { code: 'snapshot-damaged' })
  t.match(gondor.cartridge(), { golden: null, reset: null }, 'nothing of it happened')
  await deleteSnapshot(machine, name, snapshot)
  t.same([gondor.names('snapshots'), gondor.names('timeline')], [[], []])
})

t.test('whoever asks for what is not there is told so', async (t) => {
  const { machine, name } = await new Gondor(t, 'copy').withCartridge()
  for (const bad of [
    '',
    '.',
    '..',
    '../gondor',
    'a/b',
    'nowhere',
    '\u0000',
    '.trash-gondor',
    'x'.repeat(5000),
  ]) {
    await t.rejects(deleteSnapshot(machine, name, bad), { code: 'no-such-snapshot', exitCode: 2 })
    await t.rejects(rollBack(machine, name, bad), { code: 'no-such-snapshot', exitCode: 2 })
    await t.rejects(takeSnapshot(machine, bad, { kind: 'manual' }), {
      code: 'no-such-cartridge',
      exitCode: 2,
    })
    t.throws(() => readTimeline(machine, bad), { code: 'no-such-cartridge' })
  }
})

t.test('what somebody did by hand is shown as it is, and never followed outside', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('here')
  const { machine, name } = gondor
  const taken = await takeSnapshot(machine, name, { kind: 'daily' })
  renameSync(gondor.at(`snapshots/${taken?.name}`), gondor.at('snapshots/before the great update'))
  gondor.tree.write('outside/disk.raw', 'a disk of somebody else')
  symlinkSync(gondor.tree.at('outside'), gondor.at('snapshots/2026-11-20T21:05:03Z-boot'))
  mkdirSync(gondor.at('snapshots/2026-11-20T21:05:04Z-boot'))
  mkdirSync(gondor.at('snapshots/2026-13-99T99:99:99Z-boot'))
  writeFileSync(gondor.at('snapshots/2026-11-20T21:05:05Z-boot'), 'a file')
  mkdirSync(gondor.at('snapshots/evil\u001b[2J'))
  const shown = readTimeline(machine, name).snapshots
  t.same(shown.map((snapshot) => snapshot.name).sort(), [
    '2026-11-20T21:05:04Z-boot',
    '2026-13-99T99:99:99Z-boot',
    'before the great update',
  ])
  t.match(
    shown.find((snapshot) => snapshot.name.startsWith('before')),
    { kind: 'manual', pinned: true },
    'a name that was given by hand counts as pinned',
  )
  await t.rejects(rollBack(machine, name, '2026-11-20T21:05:03Z-boot'), { code: 'no-such-snapshot' })
  await t.rejects(deleteSnapshot(machine, name, '2026-11-20T21:05:03Z-boot'), { code: 'no-such-snapshot' })
  await t.rejects(rollBack(machine, name, '2026-11-20T21:05:04Z-boot'), {
    code: 'snapshot-damaged',
    message: /^2026-11-20T21:05:04Z-boot cannot be used: The disk of gondor is missing\.$/,
  })
  await rollBack(machine, name, 'before the great update')
  t.equal(gondor.read(), 'here')
})

for (const folder of ['snapshots', 'timeline', 'states']) {
  t.test(`a link in place of ${folder} is refused, and what it points to stays`, async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge()
    const { machine, name } = gondor
    gondor.tree.write('outside/2026-11-20T21:05:03Z-boot/.new-thing', 'of somebody else')
    gondor.tree.write('outside/.new-other', 'of somebody else')
    rmSync(gondor.at(folder), { recursive: true, force: true })
    symlinkSync(gondor.tree.at('outside'), gondor.at(folder))
    await t.rejects(takeSnapshot(machine, name, { kind: 'manual' }), { code: 'timeline-unusable' })
    if (folder !== 'states')
      t.throws(() => readTimeline(machine, name), { message: `gondor/${folder} is not a folder.` })
    t.ok(gondor.tree.at('outside/.new-other'), 'nothing was swept there')
    t.same(
      gondor.tree.at('outside') && (await import('node:fs')).readdirSync(gondor.tree.at('outside')).sort(),
      ['.new-other', '2026-11-20T21:05:03Z-boot'],
    )
  })
}

for (const [what, make] of Object.entries(everyHostileFile)) {
  if (what === 'missing') continue
  t.test(`notes that are ${what} pin their moment`, async (t) => {
    const gondor = await new Gondor(t, 'copy').withCartridge()
    const { machine, name } = gondor
    const taken = await takeSnapshot(machine, name, { kind: 'manual', note: 'a note' })
    const file = gondor.at(`timeline/${taken?.name}.json`)
    make(file)
    const [snapshot] = readTimeline(machine, name).snapshots
    if (what === 'unreadable' && process.getuid?.() === 0) return
    t.match(snapshot, { pinned: true, note: 'The notes of this moment cannot be read.' })
    t.match(readRetentionPlan(machine, name).keep, [{ reasons: ['pinned', 'newest'] }])
  })
}

t.test('numbers and words of the wrong kind in notes are not believed', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  const taken = await takeSnapshot(machine, name, { kind: 'boot' })
  const notes =
    '{"pinned":"yes","note":7,"healthy":1,"consistency":"perfect","pauseMs":-3,"exclusive":{"bytes":"much"}}'
  writeFileSync(gondor.at(`timeline/${taken?.name}.json`), notes)
  t.same(readTimeline(machine, name).snapshots, [taken])
})

t.test('a clock that jumps loses nothing, and the order stays', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('0')
  const { machine, name } = gondor
  const clock = [
    '2026-11-20T10:00:00Z',
    '2027-11-20T10:00:00Z',
    '2026-11-20T12:00:00Z',
    '1970-01-01T00:00:07Z',
    '2026-11-20T12:30:00Z',
  ]
  const taken: string[] = []
  for (const [index, time] of clock.entries()) {
    gondor.write(`${index}`)
    taken.unshift(String((await takeSnapshot(machine, name, { kind: 'boot', now: new Date(time) }))?.name))
  }
  const shown = () => readTimeline(machine, name).snapshots.map((snapshot) => snapshot.name)
  t.same(shown(), taken)
  await deleteSnapshot(machine, name, taken[3] ?? '')
  taken.splice(3, 1)
  t.same(shown(), taken, 'also after the one from the future is gone')
  await deleteSnapshot(machine, name, taken[2] ?? '')
  taken.splice(2, 1)
  t.same(shown(), taken)
  t.same(await prune(machine, name), { removed: [] })
  t.equal(gondor.read(`snapshots/${taken[1]}`), '3')
})

t.test('pruning does what the plan says', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  gondor.tree.writeData(
    'deskvisor.toml',
    '[snapshots]\nkeep_last = 2\nkeep_hourly = 0\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\n',
  )
  for (let minute = 10; minute < 15; minute++) {
    await takeSnapshot(machine, name, { kind: 'hourly', now: at(`20:${minute}:00`) })
  }
  await describeSnapshot(machine, name, '2026-11-20T20:11:00Z-hourly', { pinned: true })
  const plan = readRetentionPlan(machine, name)
  const { removed } = await prune(machine, name)
  t.same(removed, ['2026-11-20T20:10:00Z-hourly', '2026-11-20T20:12:00Z-hourly'])
  t.same(removed, plan.remove.map((entry) => entry.name).reverse())
  t.same(
    readTimeline(machine, name).snapshots.map((snapshot) => snapshot.name),
    plan.keep.map((entry) => entry.name),
  )
})
