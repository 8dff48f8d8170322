import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { stateStore, withCartridgeLock } from '../../../orchestrator/cartridges/index.ts'
import { withPatience } from '../../../orchestrator/host/patience.ts'
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
import { takeOut } from '../fixtures/remove-tree.ts'
import { Machine, storeKinds } from '../fixtures/timeline.ts'
import { Tree } from '../fixtures/tree.ts'

const boot = { relaunch: false }
const relaunch = { relaunch: true }

function start(machine: Machine, how: { relaunch: boolean } = boot) {
  return prepareStart(machine.root, machine.cartridge(), how)
}

function kinds(machine: Machine): string[] {
  return readTimeline(machine.root, machine.name).snapshots.map(({ kind }) => kind)
}

for (const { kind, skip } of storeKinds) {
  t.test(`a start keeps what it starts from, with the ${kind} store`, { skip }, async (t) => {
    const machine = await new Machine(t, kind).withCartridge('first')
    t.same(await start(machine), machine.cartridge())
    t.same(kinds(machine), ['boot'])
    await start(machine)
    t.same(kinds(machine), ['boot'], 'once, when nothing was written')
    machine.write('second')
    await start(machine, relaunch)
    t.same(kinds(machine), ['boot', 'boot'])
    const [newest, oldest] = readTimeline(machine.root, machine.name).snapshots
    t.equal(machine.read(`snapshots/${newest?.name}`), 'second')
    await rollBack(machine.root, machine.name, String(oldest?.name))
    await start(machine)
    t.same(
      kinds(machine),
      ['before-rollback', 'boot', 'boot'],
      'what it came from is in the timeline already',
    )
  })

  t.test(`a try lasts one start, with the ${kind} store`, { skip }, async (t) => {
    const machine = await new Machine(t, kind).withCartridge('tried')
    const { root, name } = machine
    const tried = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
    machine.write('present')
    const trying = () => readTimeline(root, name).trying?.phase
    await armTry(root, name, tried)
    const playing = await start(machine)
    t.equal(readFileSync(playing.disk, 'utf8'), 'tried')
    machine.plays(playing.state)
    t.equal(trying(), 'running')
    t.same(kinds(machine), ['manual'], 'no moment of it')
    machine.write('tried, and written to', 'states/0002')
    t.same(await start(machine, relaunch), playing, 'a restart of the guest goes on with it')
    const hourly = await takeSnapshot(root, name, { kind: 'hourly', onlyIfWritten: true })
    t.equal(
      machine.read(`snapshots/${hourly?.name}`),
      'tried, and written to',
      'a moment keeps what is played',
    )
    await markHealthy(root, name, playing.state)
    t.match(
      readTimeline(root, name).snapshots.filter(({ healthy }) => healthy),
      [{ name: tried }],
    )
    t.same((await start(machine)).state, machine.at('states/0001'), 'the next start plays the present')
    t.equal(trying(), 'ended')
    t.equal(machine.read('states/0002'), 'tried, and written to', 'until it is kept or dropped')
  })

  t.test(`a machine with a golden moment returns to it, with the ${kind} store`, { skip }, async (t) => {
    const machine = await new Machine(t, kind).withCartridge('golden')
    const { root, name } = machine
    await start(machine)
    t.same(kinds(machine), ['boot'])
    const golden = String(readTimeline(root, name).snapshots[0]?.name)
    await changeGolden(root, name, { golden, reset: true })
    machine.write('written by a visitor')
    await start(machine)
    t.equal(machine.read(), 'golden')
    t.same(machine.names('states'), ['0002'], 'and nothing of the visitor is left')
    t.same(kinds(machine), ['boot'])
    await start(machine, relaunch)
    t.same(machine.names('states'), ['0002'], 'nothing is copied when nothing was written')
  })
}

t.test('where a copy would take long, a start keeps no moment, and a person still can', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('large')
  const file = machine.at('present/disk.raw')
  execFileSync('fallocate', ['--length', '2100M', file])
  if (await stateStore(machine.at('')).copiesFast(machine.at('states/0001')))
    return t.pass('copied at once', { skip: 'this filesystem shares blocks' })
  t.same(await start(machine), machine.cartridge())
  t.same(kinds(machine), [])
  t.same(machine.names('states'), ['0001'], 'nothing of the trial is left')
  machine.write('small')
  execFileSync('truncate', ['--size', '5', file])
  await start(machine)
  t.same(kinds(machine), ['boot'])
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
  t.equal(await withPatience(async () => once(heard, 'close').then(() => 7), 50), 7)
  t.match(text, /EXTEND_TIMEOUT_USEC=180000000\nWATCHDOG=1/)
})

t.test('what is noted of a start waits for who changes the timeline, and both are kept', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const { state } = await start(machine)
  const [snapshot = ''] = machine.names('snapshots')
  const { promise: began, resolve: begin } = Promise.withResolvers<void>()
  const noted = began.then(() => markHealthy(root, name, state))
  const crashed = began.then(() => tryCrashed(root, name))
  await withCartridgeLock(root, name, async () => {
    begin()
    await sleep(200)
    t.notOk(readTimeline(root, name).snapshots[0]?.healthy, 'it waits')
    await describeSnapshot(root, name, snapshot, { pinned: true })
  })
  await Promise.all([noted, crashed])
  t.match(readTimeline(root, name).snapshots, [{ name: snapshot, healthy: true, pinned: true }])
})

t.test('what was started from is known good once it is healthy', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const { state } = await start(machine)
  machine.write('written while it started')
  await takeSnapshot(root, name, { kind: 'hourly' })
  await markHealthy(root, name, machine.at('states/0009'))
  await markHealthy(root, 'rohan', state)
  t.notOk(readTimeline(root, name).snapshots.some(({ healthy }) => healthy))
  await markHealthy(root, name, state)
  t.match(readTimeline(root, name).snapshots, [
    { kind: 'hourly', healthy: false },
    { kind: 'boot', healthy: true },
  ])
  writeFileSync(machine.tree.at('run/deskvisor/started-from.json'), '[[[')
  await markHealthy(root, name, state)
})

t.test('going back in vain is known until the desktop is healthy', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('oldest')
  const { root, name } = machine
  const taken = async (content: string) => {
    machine.write(content)
    return String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  }
  const present = () => readTimeline(root, name).present
  const back = (snapshot: string) => rollBack(root, name, snapshot)
  const older = await taken('older')
  const newer = await taken('newer')
  machine.write('broken')
  t.same(present(), { from: null, byReset: false, inVain: [] })
  await back(newer)
  t.same(present(), { from: newer, byReset: false, inVain: [newer] })
  await start(machine)
  machine.write('newer, but broken as well')
  await back(older)
  t.same(present(), { from: older, byReset: false, inVain: [older, newer] })
  const { state } = await start(machine)
  await markHealthy(root, name, state)
  t.same(present(), { from: older, byReset: false, inVain: [] })
  machine.write('broken again')
  await back(newer)
  t.same(present(), { from: newer, byReset: false, inVain: [newer] }, 'what was before that is over')
  await armTry(root, name, older)
  await markHealthy(root, name, (await start(machine)).state)
  await start(machine)
  t.same(present().inVain, [newer], 'a try that went well says nothing about the present')
  await keepTry(root, name)
  t.same(present(), { from: older, byReset: false, inVain: [] }, 'until it is kept')
  await deleteSnapshot(root, name, older)
  t.equal(present().from, null)
  await changeGolden(root, name, { golden: newer, reset: true })
  await start(machine)
  t.same(present(), { from: newer, byReset: true, inVain: [newer] })
})

t.test('garbage in state.json says nothing about going back', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge()
  const { root, name } = machine
  const saved = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  const { state } = await start(machine)
  const ring = JSON.stringify({ from: '../../etc', saved, healthy: 'yes' })
  for (const text of ['[]', '7', 'null', '{"from":7}', '{"from":"/etc","saved":"../.."}', ring]) {
    for (const folder of ['present', `snapshots/${saved}`]) {
      takeOut(machine.at(`${folder}/state.json`))
      writeFileSync(machine.at(`${folder}/state.json`), text)
    }
    t.same(readTimeline(root, name).present, { from: null, byReset: false, inVain: [] }, text)
    await markHealthy(root, name, state)
  }
})

t.test('a try ends when the console crashes', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  await armTry(root, name, good)
  await start(machine)
  await tryCrashed(root, name)
  t.equal((await start(machine, relaunch)).state, machine.at('states/0001'))
  t.match(readTimeline(root, name).trying, { phase: 'ended' })
})

t.test('a power cut is the end of a try, and what counts is the present', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const good = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  machine.write('present')
  await armTry(root, name, good)
  machine.plays((await start(machine)).state)
  machine.write('tried', 'states/0002')
  t.match(readTimeline(root, name).trying, { phase: 'running' })
  machine.plays(null)
  t.match(readTimeline(root, name).trying, { phase: 'ended' })
  const taken = await takeSnapshot(root, name, { kind: 'manual' })
  t.equal(machine.read(`snapshots/${taken?.name}`), 'present')
  await keepTry(root, name)
  t.equal(machine.read(), 'tried', 'it can still be kept')
})

t.test('nothing about the timeline keeps the desktop from starting', async (t) => {
  const spoilers: Record<string, (machine: Machine) => void> = {
    'a file in place of snapshots': (machine) => writeFileSync(machine.at('snapshots'), ''),
    'a folder in place of try.json': (machine) => mkdirSync(machine.at('try.json')),
    'too little free space': (machine) =>
      machine.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000000\n'),
    'a file in place of /run/deskvisor': (machine) => machine.tree.write('run/deskvisor', ''),
  }
  for (const [what, spoil] of Object.entries(spoilers)) {
    await t.test(what, async (t) => {
      const machine = await new Machine(t, 'copy').withCartridge('good')
      spoil(machine)
      const cartridge = await start(machine)
      t.equal(readFileSync(cartridge.disk, 'utf8'), 'good')
      t.equal(cartridge.state, machine.at('states/0001'))
    })
  }
})

/** A cartridge whose every start begins from its golden moment, and the name of that. */
async function kiosk(t: Test) {
  const machine = await new Machine(t, 'copy').withCartridge('golden')
  const { root, name } = machine
  const golden = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  await changeGolden(root, name, { golden, reset: true })
  machine.write('of the last user')
  return { machine, root, name, golden }
}

t.test('what the last user left is never started when it cannot be thrown away', async (t) => {
  const about = (more: object) => JSON.stringify({ uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', ...more })
  const spoilers: Record<string, [(machine: Machine, golden: string) => void, RegExp]> = {
    'no golden moment': [
      (machine) => writeFileSync(machine.at('cartridge.json'), about({ reset: 'every-start' })),
      /: There is no golden moment\. Choose another golden moment/,
    ],
    'a golden moment that is gone': [
      (machine, golden) => takeOut(machine.at(`snapshots/${golden}`)),
      /: There is no moment with the name \S+-manual\. Choose another golden moment/,
    ],
    'a golden moment without its disk': [
      (machine, golden) => takeOut(machine.at(`snapshots/${golden}/disk.raw`)),
      /cannot be used: The disk of gondor is missing\. Choose another golden moment/,
    ],
    'a file in place of the timeline': [
      (machine) => {
        rmSync(machine.at('timeline'), { recursive: true, force: true })
        writeFileSync(machine.at('timeline'), '')
      },
      /gondor\/timeline is not a folder\. Choose/,
    ],
  }
  for (const [what, [spoil, message]] of Object.entries(spoilers)) {
    for (const how of [boot, relaunch]) {
      await t.test(`${what}, ${JSON.stringify(how)}`, async (t) => {
        const { machine, golden } = await kiosk(t)
        const cartridge = machine.cartridge()
        spoil(machine, golden)
        const reset = { ...cartridge, reset: 'every-start' as const }
        await t.rejects(prepareStart(machine.root, reset, how), { code: 'cannot-reset', message })
        t.equal(machine.read(), 'of the last user', 'for an administrator to look at')
      })
    }
  }
})

t.test('a start that must reset waits long for another change to end', async (t) => {
  const { machine, root, name } = await kiosk(t)
  const change = withCartridgeLock(root, name, () => sleep(11_000))
  await start(machine)
  t.equal(machine.read(), 'golden')
  await change
})

t.test('a log-out during a try ends it, and nothing of it is left', async (t) => {
  const { machine, root, name, golden } = await kiosk(t)
  await armTry(root, name, golden)
  const tried = await start(machine)
  machine.plays(tried.state)
  t.match(tried.state, /states\/0002$/)
  machine.write('of a user', 'states/0002')
  t.equal((await start(machine, relaunch)).state, tried.state, 'a restart of the guest goes on with it')
  await tryLoggedOut(root, name)
  t.match(readTimeline(root, name).trying, { phase: 'running' }, 'until the guest has shut down')
  const next = await start(machine, relaunch)
  t.equal(readFileSync(next.disk, 'utf8'), 'golden')
  t.equal(readTimeline(root, name).trying, null)
  t.same(machine.names('states').length, 1)
})

t.test('a damaged moment is not tried, which is told once', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  const { root, name } = machine
  const tried = String((await takeSnapshot(root, name, { kind: 'manual' }))?.name)
  await armTry(root, name, tried)
  rmSync(machine.at('states/0002/disk.raw'))
  await t.rejects(start(machine), {
    code: 'cannot-try',
    message: /-manual of gondor cannot be tried: The disk of gondor is missing\. It is forgotten/,
  })
  t.equal(readTimeline(root, name).trying, null)
  t.equal((await start(machine)).state, machine.at('states/0001'))
  await armTry(root, name, tried)
  machine.plays((await start(machine)).state)
  rmSync(machine.at('states/0002/disk.raw'))
  t.equal((await start(machine, relaunch)).state, machine.at('states/0001'))
  t.match(readTimeline(root, name).trying, { phase: 'ended' }, 'one that was played waits for somebody')
})

t.test('a start waits for another change to end', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  let ended = false
  const change = withCartridgeLock(machine.root, machine.name, async () => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    ended = true
  })
  await start(machine)
  t.ok(ended)
  t.same(kinds(machine), ['boot'])
  await change
})

t.test('leftovers of a crash are swept, and what might be needed is left alone', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge('good')
  for (const path of [
    '.new-present',
    'states/.new-0002/disk.raw',
    'snapshots/.import-x/disk.raw',
    'timeline/.x.json.0123456789abcdef.new',
  ]) {
    machine.tree.writeData(`cartridges/gondor/${path}`, 'half')
  }
  machine.tree.writeData('cartridges/gondor/timeline/2026-11-20T21:05:03Z-boot.json', '{}')
  machine.tree.writeData('cartridges/gondor/states/0007/disk.raw', 'of unknown origin')
  machine.tree.writeData('cartridges/gondor/snapshots/.hidden/disk.raw', 'by hand')
  await start(machine)
  t.same(machine.names('states'), ['0001', '0007'])
  t.same(machine.names('timeline'), [])
  t.equal(machine.names('snapshots').length, 2)
  t.notOk(machine.names('').includes('.new-present'))
  rmSync(machine.at('snapshots/.hidden'), { recursive: true })
})
