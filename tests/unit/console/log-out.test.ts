import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { listenToGuest, signalCutter } from '../../../orchestrator/console/guest-signals.ts'
import { readRecord, writeRecord } from '../../../orchestrator/console/record.ts'
import { firstState, nextAction, started } from '../../../orchestrator/console/watchdog.ts'
import type { WatchdogEvent, WatchdogState } from '../../../orchestrator/console/watchdog-types.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { until } from '../../scenarios/fair-time.ts'

const running: WatchdogState = { ...started(firstState, 100, 'relaunch'), running: true }
const logOut = (at = 200, resets = true): WatchdogEvent => ({ kind: 'logged-out', at, resets })
const reported = (reason: string): WatchdogEvent => ({ kind: 'shutdown-reported', guest: true, reason })
const ended = (result = 'success'): WatchdogEvent => ({ kind: 'ended', at: 300, result })

/** Feeds events to the watchdog; what it did, and where it ends up. */
function follow(state: WatchdogState, ...events: WatchdogEvent[]) {
  let now = state
  const actions = events.map((event) => {
    const next = nextAction(now, event)
    now = next.state
    return next.action
  })
  return { state: now, actions, kinds: actions.map(({ kind }) => kind), last: actions.at(-1) }
}

const again = { kind: 'relaunch', afterSeconds: 0 } as const

t.test(
  'after a log-out the guest is shut down in order and started again, and nothing is powered off',
  async (t) => {
    const { actions, state } = follow(running, logOut(), reported('guest-shutdown'), ended())
    t.same(actions, [{ kind: 'shut-down', bless: true }, { kind: 'wait' }, again])
    t.match(state, { crashes: 0, crashTimes: [], lastCrash: null, due: again })
    const next = started(state, 400, 'relaunch')
    t.match(next, { ending: null, due: null, starts: 2 })
    t.same(follow(next, reported('guest-shutdown'), ended()).last, { kind: 'power-off' }, 'it counts once')
  },
)

t.test('the whole machine restarts where it does that for a restart of the guest', async (t) => {
  const state: WatchdogState = { ...running, onGuestReboot: 'reboot-host' }
  t.same(follow(state, logOut(), reported('guest-shutdown'), ended()).last, { kind: 'reboot-host' })
})

t.test('two log-outs in a row are one, and a healthy guest is not blessed again', async (t) => {
  t.same(follow(running, logOut(200), logOut(201)).kinds, ['shut-down', 'wait'])
  t.match(follow(running, logOut(200), logOut(230)).state.ending, { at: 200 })
  t.same(follow({ ...running, healthy: true }, logOut()).last, { kind: 'shut-down', bless: false })
  t.same(follow(running, logOut(), { kind: 'agent-answered' }).last, { kind: 'wait' })
})

t.test('without a golden moment to return to, a log-out changes nothing', async (t) => {
  const { state, last } = follow(running, logOut(200, false))
  t.same(last, { kind: 'wait' })
  t.equal(state, running)
})

t.test('a guest that ends already is not started again by a log-out', async (t) => {
  const { kinds } = follow(running, reported('guest-shutdown'), logOut(), ended())
  t.same(kinds, ['wait', 'wait', 'power-off'])
})

t.test('a guest that does not shut down within a minute is switched off, and started again', async (t) => {
  const tick = (at: number): WatchdogEvent => ({ kind: 'tick', at })
  const { kinds, last, state } = follow(
    running,
    logOut(200),
    tick(259.9),
    tick(260),
    { kind: 'shutdown-reported', guest: false, reason: 'host-qmp-quit' },
    tick(262),
    ended(),
  )
  t.same(kinds, ['shut-down', 'wait', 'kill', 'wait', 'wait', 'relaunch'])
  t.same(last, again)
  t.equal(state.crashes, 0)
  t.same(follow(running, logOut(500), tick(100)).last, { kind: 'kill' }, 'a clock that cannot be')
})

t.test('whatever goes wrong on the way to that end is no crash', async (t) => {
  for (const trouble of [{ kind: 'hang' }, { kind: 'panic' }, { kind: 'unreachable', text: 'x' }] as const) {
    const { kinds, last, state } = follow(running, logOut(), trouble, ended('signal'))
    t.same(kinds, ['shut-down', 'kill', 'relaunch'])
    t.same(last, again)
    t.match(state, { crashes: 0, lastCrash: null })
  }
})

t.test('who stops the console on the host meanwhile means that', async (t) => {
  t.same(follow(running, logOut(), reported('host-signal'), ended()).last, { kind: 'leave' })
})

t.test('the next watchdog goes on where the last one was killed', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  writeRecord(machine, follow(running, logOut(200)).state)
  const known = readRecord(machine)
  t.match(known, { ending: { kind: 'logged-out', at: 200 }, healthy: true })
  t.same(follow(known, { kind: 'attached' }).last, { kind: 'shut-down', bless: false }, 'it presses again')
  t.same(follow(known, { kind: 'tick', at: 261 }).last, { kind: 'kill' }, 'and goes on counting')
  t.same(follow(known, ended()).last, again, 'also when it ended unwatched')
  writeRecord(machine, { ...known, ending: { kind: 'logged-out', at: Number.NaN } })
  t.match(readRecord(machine).ending, { kind: 'logged-out', at: 0 })
})

const said = (...pieces: (string | Buffer)[]) => {
  const cut = signalCutter()
  return pieces.map((piece) => {
    const { signals, unknown } = cut(Buffer.from(piece))
    return [[...signals], unknown]
  })
}

t.test('lines of the guest: whole, in pieces, several, unknown, endless', async (t) => {
  t.same(said('logout\n'), [[['logout'], 0]])
  t.same(said('\nlogout\r\n\n'), [[['logout'], 0]])
  t.same(said('log', 'out', '\n'), [
    [[], 0],
    [[], 0],
    [['logout'], 0],
  ])
  t.same(said('logout'), [[[], 0]], 'a line has an end')
  t.same(said('logout\n'.repeat(1000)), [[['logout'], 0]])
  t.same(said('reboot\nlogout now\nLOGOUT\nlogout\n'), [[['logout'], 3]])
  t.same(said(`${' '.repeat(59)}logout\n`), [[[], 1]], 'of 65 bytes')
  t.same(said('x'.repeat(100_000), 'x'.repeat(100_000), 'logout\n'), [
    [[], 0],
    [[], 0],
    [[], 1],
  ])
  t.same(said(`${'x'.repeat(99)}\nlogout\n`), [[['logout'], 1]], 'and the line after it counts')
  t.same(said(Buffer.from([0xff, 0, 10, 0xc3, 10]), 'logout\n'), [
    [[], 2],
    [['logout'], 0],
  ])
})

/** A guest's end of the line; QEMU's side takes one client after another. */
async function guestLine(test: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'signals-'))
  const path = join(folder, 's')
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  test.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const connected = async (times: number) => {
    while (sockets.length < times) await sleep(10)
    return sockets.at(-1) as Socket
  }
  return { path, connected }
}

t.test(
  'hears a log-out behind what a hostile guest sends, and never reads faster than it should',
  async (t) => {
    const { path, connected } = await guestLine(t)
    let heard = 0
    const line = listenToGuest(path, () => heard++)
    t.teardown(() => line.close())
    const guest = await connected(1)
    const flood = Buffer.concat([Buffer.alloc(64 * 1024 * 1024, 'logout\n'), Buffer.from('\n')])
    const startedAt = performance.now()
    guest.write(flood)
    await until('two log-outs', () => heard >= 2, { limitS: 60, everyMs: 50 })
    await sleep(200)
    const looks = (performance.now() - startedAt) / 100
    t.ok(guest.writableLength > 60 * 1024 * 1024, 'most of it waits')
    t.ok(heard <= looks + 1, `one of each look counts: ${heard} in ${looks} looks`)
  },
)

t.test('connects again when the line broke, and not once it was closed', async (t) => {
  const { path, connected } = await guestLine(t)
  const { promise, resolve } = Promise.withResolvers<string>()
  const line = listenToGuest(path, resolve)
  ;(await connected(1)).destroy()
  const second = await connected(2)
  second.write('\nlogout\n')
  t.equal(await promise, 'logout')
  line.close()
  await new Promise((done) => second.on('close', done).resume())
})

t.test('the script for Linux says the one line, and nothing while the system shuts down', async (t) => {
  const folder = t.testdir({ port: '', bin: {} })
  const port = join(folder, 'port')
  const script = new URL('../../../docs/guest/deskvisor-logout', import.meta.url).pathname
  const says = (state: string, ...args: string[]) => {
    writeFileSync(port, '')
    writeFileSync(join(folder, 'bin/systemctl'), `#!/bin/sh\necho ${state}\n`)
    chmodSync(join(folder, 'bin/systemctl'), 0o755)
    execFileSync(script, args, { env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` } })
    return readFileSync(port, 'utf8')
  }
  for (const state of ['running', 'degraded', 'starting']) {
    t.same(said(says(state, port)), [[['logout'], 0]], state)
  }
  t.equal(says('stopping', port), '')
  t.equal(says('running', join(folder, 'none')), '', 'and no file where there is no Deskvisor')
  t.throws(() => readFileSync(join(folder, 'none')), { code: 'ENOENT' })
})
