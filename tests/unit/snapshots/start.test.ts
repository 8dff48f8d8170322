import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { stateStore, withCartridgeLock } from '../../../orchestrator/cartridges/index.ts'
import { extendingStartTimeout } from '../../../orchestrator/host/start-timeout.ts'
import {
  armTry,
  changeGolden,
  deleteSnapshot,
  describeSnapshot,
  keepTry,
  markHealthy,
  prepareStart,
  readTimeline,
  rollBack,
  takeSnapshot,
  tryCrashed,
  tryLoggedOut,
} from '../../../orchestrator/snapshots/index.ts'
import { heldClock } from '../fixtures/clock.ts'
import { takeOut } from '../fixtures/remove-tree.ts'
import { Gondor, storeKinds } from '../fixtures/timeline.ts'
import { Tree } from '../fixtures/tree.ts'

const boot = { relaunch: false }
const relaunch = { relaunch: true }

function start(gondor: Gondor, how: { relaunch: boolean } = boot) {
  return prepareStart(gondor.machine, gondor.cartridge(), how)
}

function kinds(gondor: Gondor): string[] {
  return readTimeline(gondor.machine, gondor.name).snapshots.map(({ kind }) => kind)
}

for (const { kind, skip } of storeKinds) {
  t.test(`a start keeps what it starts from, with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('first')
    t.same(await start(gondor), gondor.cartridge())
    t.same(kinds(gondor), ['boot'])
    await start(gondor)
    t.same(kinds(gondor), ['boot'], 'once, when nothing was written')
    gondor.write('second')
    await start(gondor, relaunch)
    t.same(kinds(gondor), ['boot', 'boot'])
    const [newest, oldest] = readTimeline(gondor.machine, gondor.name).snapshots
    t.equal(gondor.read(`snapshots/${newest?.name}`), 'second')
    await rollBack(gondor.machine, gondor.name, String(oldest?.name))
    await start(gondor)
    t.same(kinds(gondor), ['before-rollback', 'boot', 'boot'], 'what it came from is in the timeline already')
  })

  t.test(`a try lasts one start, with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('tried')
    const { machine, name } = gondor
    const tried = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
    gondor.write('present')
    const trying = () => readTimeline(machine, name).trying?.phase
    await armTry(machine, name, tried)
    const playing = await start(gondor)
    t.equal(readFileSync(playing.disk, 'utf8'), 'tried')
    gondor.plays(playing.state)
    t.equal(trying(), 'running')
    t.same(kinds(gondor), ['manual'], 'no moment of it')
    gondor.write('tried, and written to', 'states/0002')
    t.same(await start(gondor, relaunch), playing, 'a restart of the guest goes on with it')
    const hourly = await takeSnapshot(machine, name, { kind: 'hourly', onlyIfWritten: true })
    t.equal(
      gondor.read(`snapshots/${hourly?.name}`),
      'tried, and written to',
      'a moment keeps what is played',
    )
    await markHealthy(machine, name, playing.state)
    t.match(
      readTimeline(machine, name).snapshots.filter(({ healthy }) => healthy),
      [{ name: tried }],
    )
    t.same((await start(gondor)).state, gondor.at('states/0001'), 'the next start plays the present')
    t.equal(trying(), 'ended')
    t.equal(gondor.read('states/0002'), 'tried, and written to', 'until it is kept or dropped')
  })

  t.test(`a machine with a golden moment returns to it, with the ${kind} store`, { skip }, async (t) => {
    const gondor = await new Gondor(t, kind).withCartridge('golden')
    const { machine, name } = gondor
    await start(gondor)
    t.same(kinds(gondor), ['boot'])
    const golden = String(readTimeline(machine, name).snapshots[0]?.name)
    await changeGolden(machine, name, { golden, reset: true })
    gondor.write('written by a visitor')
    await start(gondor)
    t.equal(gondor.read(), 'golden')
    t.same(gondor.names('states'), ['0002'], 'and nothing of the visitor is left')
    t.same(kinds(gondor), ['boot'])
    await start(gondor, relaunch)
    t.same(gondor.names('states'), ['0002'], 'nothing is copied when nothing was written')
  })
}

t.test('where a copy would take long, a start keeps no moment, and a person still can', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('large')
  const file = gondor.at('present/disk.raw')
  execFileSync('fallocate', ['--length', '2100M', file])
  if (await stateStore(gondor.at('')).copiesFast(gondor.at('states/0001')))
    return t.pass('copied at once', { skip: 'this filesystem shares blocks' })
  t.same(await start(gondor), gondor.cartridge())
  t.same(kinds(gondor), [])
  t.same(gondor.names('states'), ['0001'], 'nothing of the trial is left')
  gondor.write('small')
  execFileSync('truncate', ['--size', '5', file])
  await start(gondor)
  t.same(kinds(gondor), ['boot'])
})

t.test('a start that takes long tells systemd that it is alive', async (t) => {
  const tree = new Tree(t)
  const source = tree.at('notify')
  const listener = `import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);s.bind(sys.argv[1]);print('bound',flush=True);print(s.recv(999).decode(),flush=True)`
  const heard = spawn('python3', ['-c', listener, source], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => heard.kill())
  let text = ''
  heard.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  await once(heard.stdout, 'data')
  process.env.NOTIFY_SOCKET = source
  t.teardown(() => delete process.env.NOTIFY_SOCKET)
  t.equal(await extendingStartTimeout(async () => once(heard, 'close').then(() => 7), 50), 7)
  t.match(text, /EXTEND_TIMEOUT_USEC=180000000\nWATCHDOG=1/)
})

t.test('what is noted of a start waits for who changes the timeline, and both are kept', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const { state } = await start(gondor)
  const [snapshot = ''] = gondor.names('snapshots')
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  const noted = began.then(() => markHealthy(machine, name, state))
  const crashed = began.then(() => tryCrashed(machine, name))
  await withCartridgeLock(machine, name, async () => {
    begin()
    await sleep(200)
    t.notOk(readTimeline(machine, name).snapshots[0]?.healthy, 'it waits')
    await describeSnapshot(machine, name, snapshot, { pinned: true })
  })
  await Promise.all([noted, crashed])
  t.match(readTimeline(machine, name).snapshots, [{ name: snapshot, healthy: true, pinned: true }])
})

t.test('what was started from is known good once it is healthy', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const { state } = await start(gondor)
  gondor.write('written while it started')
  await takeSnapshot(machine, name, { kind: 'hourly' })
  await markHealthy(machine, name, gondor.at('states/0009'))
  await markHealthy(machine, 'rohan', state)
  t.notOk(readTimeline(machine, name).snapshots.some(({ healthy }) => healthy))
  await markHealthy(machine, name, state)
  t.match(readTimeline(machine, name).snapshots, [
    { kind: 'hourly', healthy: false },
    { kind: 'boot', healthy: true },
  ])
  writeFileSync(gondor.tree.at('run/deskvisor/started-from.json'), '[[[')
  await markHealthy(machine, name, state)
})

t.test('going back in vain is known until the desktop is healthy', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('oldest')
  const { machine, name } = gondor
  const taken = async (content: string) => {
    gondor.write(content)
    return String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  }
  const present = () => readTimeline(machine, name).present
  const back = (snapshot: string) => rollBack(machine, name, snapshot)
  const older = await taken('older')
  const newer = await taken('newer')
  gondor.write('broken')
  t.same(present(), { from: null, byReset: false, inVain: [] })
  await back(newer)
  t.same(present(), { from: newer, byReset: false, inVain: [newer] })
  await start(gondor)
  gondor.write('newer, but broken as well')
  await back(older)
  t.same(present(), { from: older, byReset: false, inVain: [older, newer] })
  const { state } = await start(gondor)
  await markHealthy(machine, name, state)
  t.same(present(), { from: older, byReset: false, inVain: [] })
  gondor.write('broken again')
  await back(newer)
  t.same(present(), { from: newer, byReset: false, inVain: [newer] }, 'what was before that is over')
  await armTry(machine, name, older)
  await markHealthy(machine, name, (await start(gondor)).state)
  await start(gondor)
  t.same(present().inVain, [newer], 'a try that went well says nothing about the present')
  await keepTry(machine, name)
  t.same(present(), { from: older, byReset: false, inVain: [] }, 'until it is kept')
  await deleteSnapshot(machine, name, older)
  t.equal(present().from, null)
  await changeGolden(machine, name, { golden: newer, reset: true })
  await start(gondor)
  t.same(present(), { from: newer, byReset: true, inVain: [newer] })
})

t.test('garbage in state.json says nothing about going back', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  const saved = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  const { state } = await start(gondor)
  const ring = JSON.stringify({ from: '../../etc', saved, healthy: 'yes' })
  for (const text of ['[]', '7', 'null', '{"from":7}', '{"from":"/etc","saved":"../.."}', ring]) {
    for (const folder of ['present', `snapshots/${saved}`]) {
      takeOut(gondor.at(`${folder}/state.json`))
      writeFileSync(gondor.at(`${folder}/state.json`), text)
    }
    t.same(readTimeline(machine, name).present, { from: null, byReset: false, inVain: [] }, text)
    await markHealthy(machine, name, state)
  }
})

t.test('a try ends when the console crashes', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  await armTry(machine, name, good)
  await start(gondor)
  await tryCrashed(machine, name)
  t.equal((await start(gondor, relaunch)).state, gondor.at('states/0001'))
  t.match(readTimeline(machine, name).trying, { phase: 'ended' })
})

t.test('a power cut is the end of a try, and what counts is the present', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const good = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  gondor.write('present')
  await armTry(machine, name, good)
  gondor.plays((await start(gondor)).state)
  gondor.write('tried', 'states/0002')
  t.match(readTimeline(machine, name).trying, { phase: 'running' })
  gondor.plays(null)
  t.match(readTimeline(machine, name).trying, { phase: 'ended' })
  const taken = await takeSnapshot(machine, name, { kind: 'manual' })
  t.equal(gondor.read(`snapshots/${taken?.name}`), 'present')
  await keepTry(machine, name)
  t.equal(gondor.read(), 'tried', 'it can still be kept')
})

t.test('nothing about the timeline keeps the desktop from starting', async (t) => {
  const spoilers: Record<string, (gondor: Gondor) => void> = {
    'a file in place of snapshots': (gondor) => writeFileSync(gondor.at('snapshots'), ''),
    'a folder in place of try.json': (gondor) => mkdirSync(gondor.at('try.json')),
    'too little free space': (gondor) =>
      gondor.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000000\n'),
    'a file in place of /run/deskvisor': (gondor) => gondor.tree.write('run/deskvisor', ''),
  }
  for (const [what, spoil] of Object.entries(spoilers)) {
    await t.test(what, async (t) => {
      const gondor = await new Gondor(t, 'copy').withCartridge('good')
      spoil(gondor)
      const cartridge = await start(gondor)
      t.equal(readFileSync(cartridge.disk, 'utf8'), 'good')
      t.equal(cartridge.state, gondor.at('states/0001'))
    })
  }
})

/** A cartridge whose every start begins from its golden snapshot, and the name of that. */
async function kiosk(t: Test) {
  const gondor = await new Gondor(t, 'copy').withCartridge('golden')
  const { machine, name } = gondor
  const golden = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  await changeGolden(machine, name, { golden, reset: true })
  gondor.write('of the last user')
  return { gondor, machine, name, golden }
}

t.test('what the last user left is never started when it cannot be thrown away', async (t) => {
  const about = (more: object) => JSON.stringify({ uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', ...more })
  const spoilers: Record<string, [(gondor: Gondor, golden: string) => void, RegExp]> = {
    'no golden moment': [
      (gondor) => writeFileSync(gondor.at('cartridge.json'), about({ reset: 'every-start' })),
      /: There is no golden moment\. Choose another golden moment/,
    ],
    'a golden moment that is gone': [
      (gondor, golden) => takeOut(gondor.at(`snapshots/${golden}`)),
      /: There is no moment with the name \S+-manual\. Choose another golden moment/,
    ],
    'a golden moment without its disk': [
      (gondor, golden) => takeOut(gondor.at(`snapshots/${golden}/disk.raw`)),
      /cannot be used: The disk of gondor is missing\. Choose another golden moment/,
    ],
    'a file in place of the timeline': [
      (gondor) => {
        rmSync(gondor.at('timeline'), { recursive: true, force: true })
        writeFileSync(gondor.at('timeline'), '')
      },
      /gondor\/timeline is not a folder\. Choose/,
    ],
  }
  for (const [what, [spoil, message]] of Object.entries(spoilers)) {
    for (const how of [boot, relaunch]) {
      await t.test(`${what}, ${JSON.stringify(how)}`, async (t) => {
        const { gondor, golden } = await kiosk(t)
        const cartridge = gondor.cartridge()
        spoil(gondor, golden)
        const reset = { ...cartridge, reset: 'every-start' as const }
        await t.rejects(prepareStart(gondor.machine, reset, how), { code: 'cannot-reset', message })
        t.equal(gondor.read(), 'of the last user', 'for an administrator to look at')
      })
    }
  }
})

t.test('a start that must reset waits long for another change to end', async (t) => {
  const { gondor, machine, name } = await kiosk(t)
  const { clock } = heldClock()
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  clock.after(11_000, end)
  const change = withCartridgeLock(machine, name, () => over)
  await prepareStart({ ...machine, clock }, gondor.cartridge(), { relaunch: false })
  t.ok(clock.monotonicMs() >= 11_000)
  t.equal(gondor.read(), 'golden')
  await change
})

t.test('a log-out during a try ends it, and nothing of it is left', async (t) => {
  const { gondor, machine, name, golden } = await kiosk(t)
  await armTry(machine, name, golden)
  const tried = await start(gondor)
  gondor.plays(tried.state)
  t.match(tried.state, /states\/0002$/)
  gondor.write('of a user', 'states/0002')
  t.equal((await start(gondor, relaunch)).state, tried.state, 'a restart of the guest goes on with it')
  await tryLoggedOut(machine, name)
  t.match(readTimeline(machine, name).trying, { phase: 'running' }, 'until the guest has shut down')
  const next = await start(gondor, relaunch)
  t.equal(readFileSync(next.disk, 'utf8'), 'golden')
  t.equal(readTimeline(machine, name).trying, null)
  t.same(gondor.names('states').length, 1)
})

t.test('a damaged moment is not tried, which is told once', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const tried = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
  await armTry(machine, name, tried)
  rmSync(gondor.at('states/0002/disk.raw'))
  await t.rejects(start(gondor), {
    code: 'cannot-try',
    message: /-manual of gondor cannot be tried: The disk of gondor is missing\. It is forgotten/,
  })
  t.equal(readTimeline(machine, name).trying, null)
  t.equal((await start(gondor)).state, gondor.at('states/0001'))
  await armTry(machine, name, tried)
  gondor.plays((await start(gondor)).state)
  rmSync(gondor.at('states/0002/disk.raw'))
  t.equal((await start(gondor, relaunch)).state, gondor.at('states/0001'))
  t.match(readTimeline(machine, name).trying, { phase: 'ended' }, 'one that was played waits for somebody')
})

t.test('a start waits for another change to end', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  let ended = false
  const change = withCartridgeLock(gondor.machine, gondor.name, async () => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    ended = true
  })
  await start(gondor)
  t.ok(ended)
  t.same(kinds(gondor), ['boot'])
  await change
})

t.test('leftovers of a crash are swept, and what might be needed is left alone', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  for (const path of [
    '.new-present',
    'states/.new-0002/disk.raw',
    'snapshots/.import-x/disk.raw',
    'timeline/.x.json.0123456789abcdef.new',
  ]) {
    gondor.tree.writeData(`cartridges/gondor/${path}`, 'half')
  }
  gondor.tree.writeData('cartridges/gondor/timeline/2026-11-20T21:05:03Z-boot.json', '{}')
  gondor.tree.writeData('cartridges/gondor/states/0007/disk.raw', 'of unknown origin')
  gondor.tree.writeData('cartridges/gondor/snapshots/.hidden/disk.raw', 'by hand')
  await start(gondor)
  t.same(gondor.names('states'), ['0001', '0007'])
  t.same(gondor.names('timeline'), [])
  t.equal(gondor.names('snapshots').length, 2)
  t.notOk(gondor.names('').includes('.new-present'))
  rmSync(gondor.at('snapshots/.hidden'), { recursive: true })
})
