import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { keepBeforeUpdates } from '../../../orchestrator/console/before-update.ts'
import { type GuestAnswer, listenToGuest, signalCutter } from '../../../orchestrator/console/guest-signals.ts'
import { kindOf } from '../../../tui/snapshots.ts'
import { heldClock } from '../fixtures/clock.ts'
import { snapshot } from '../fixtures/time-machine.ts'
import { machine } from '../fixtures/watchdog.ts'

const script = new URL('../../../docs/guest/deskvisor-before-update', import.meta.url).pathname

/** A machine whose snapshots end when the test says so. */
function keeper() {
  const ends: ((isKept: boolean) => void)[] = []
  const answers: string[] = []
  const { clock, goTo } = heldClock(1000)
  const keep = () => new Promise<boolean>((resolve) => ends.push(resolve))
  const beforeUpdate = keepBeforeUpdates({ clock }, keep)
  const ask = (who = '') => beforeUpdate((answer) => answers.push(who + answer))
  const end = async (isKept: boolean) => {
    ends.at(-1)?.(isKept)
    await sleep(0)
  }
  return { ask, end, answers, clock, goTo, started: () => ends.length }
}

t.test('one moment is kept at a time, and who asked last is told how it went', async (t) => {
  const { ask, end, answers, started } = keeper()
  ask('first ')
  ask('second ')
  t.equal(started(), 1)
  t.same(answers, [])
  await end(true)
  t.same(answers, ['second kept'])
})

t.test('at most one in ten minutes is kept, and the answer meanwhile is how the last one went', async (t) => {
  for (const [isKept, answer] of [
    [true, 'kept'],
    [false, 'busy'],
  ] as const) {
    const { ask, end, answers, clock, goTo, started } = keeper()
    ask()
    await end(isKept)
    await goTo(clock.now() + 599_999)
    ask()
    ask()
    t.same(answers, [answer, answer, answer])
    t.equal(started(), 1)
    await goTo(clock.now() + 1)
    ask()
    t.equal(started(), 2)
  }
})

const said = (text: string) => [...signalCutter()(Buffer.from(text)).signals]

t.test('the line that asks for it, and lines that do not', async (t) => {
  t.same(said('\nbefore-update\r\n'), ['before-update'])
  t.same(said('before-update\nlogout\nbefore-update\n'), ['before-update', 'logout'])
  t.same(said('before-update now\nBefore-Update\nbefore-update;reboot\nkept\n'), [])
})

t.test('a guest that asks for ever and reads no answer costs no memory', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'signals-'))
  const path = join(folder, 's')
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  let written = 0
  let asked = 0
  const line = listenToGuest(path, (_, tell) => {
    asked++
    for (let times = 0; times < 200_000; times++) {
      tell('kept' satisfies GuestAnswer)
      written++
    }
  })
  t.teardown(() => {
    line.close()
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  while (sockets.length < 1) await sleep(10)
  const [guest] = sockets
  const before = process.memoryUsage().rss
  for (let times = 0; times < 5; times++) {
    guest?.write('before-update\n')
    while (asked <= times) await sleep(10)
  }
  t.equal(written, 1_000_000)
  t.ok(process.memoryUsage().rss - before < 64 * 2 ** 20, 'what it does not read is dropped')
})

t.test('the watchdog has systemd keep it, for any operating system, and goes on meanwhile', async (t) => {
  const { start, say, log, attached, guestSays, unit, close } = await machine(t)
  const { exit } = start()
  await attached(1)
  await guestSays('before-update\nbefore-update\n')
  while (!log().includes('start deskvisor-snapshot@before-update.service')) await sleep(20)
  await guestSays('before-update\n')
  while (!log().includes('asked for again')) await sleep(20)
  await guestSays('before-update\n')
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(150)
  close()
  unit('inactive', 'success')
  t.equal(await exit, 0)
  t.equal(log().split('start deskvisor-snapshot@').length, 2, 'one was started')
  t.equal(log().split('asked for again').length, 2, 'and the log says once that others are not')
  t.notMatch(log(), /does not know/)
})

/** The script in a guest whose port is a file: what the host answers is appended to it. */
function guest(test: Test, before = '') {
  const folder = test.testdir({ port: before })
  const port = join(folder, 'port')
  const child = spawn(script, [port], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const asks = async () => {
    while (!readFileSync(port, 'utf8').includes('\nbefore-update\n')) await sleep(20)
  }
  return { port, asks, exit, output: () => output, child }
}

t.test('the script asks and waits for the answer to just this question', async (t) => {
  const { port, asks, exit, output, child } = guest(t, 'kept\nbusy\n')
  await asks()
  t.equal(readFileSync(port, 'utf8'), 'kept\nbusy\n\nbefore-update\n')
  await sleep(300)
  t.equal(child.exitCode, null, 'what was answered to an earlier one is no answer')
  appendFileSync(port, 'kept\n')
  t.equal(await exit, 0)
  t.equal(output(), '')
})

t.test('the script lets the update go on when no moment is kept, and says so', async (t) => {
  const { port, asks, exit, output } = guest(t)
  await asks()
  appendFileSync(port, 'busy\n')
  t.equal(await exit, 0)
  t.match(output(), /kept no moment before this update/)
})

t.test('the script ends well where there is no Deskvisor, no answer, and no port to open', async (t) => {
  const folder = t.testdir({ port: '' })
  mkdirSync(join(folder, 'bin'))
  const port = join(folder, 'port')
  // Time is over at once.
  writeFileSync(join(folder, 'bin/timeout'), '#!/bin/sh\nexit 124\n')
  chmodSync(join(folder, 'bin/timeout'), 0o755)
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
  const ends = (path: string) => execFileSync(script, [path], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  t.equal(ends(port).length, 0)
  t.equal(ends(join(folder, 'none')).length, 0)
  t.throws(() => readFileSync(join(folder, 'none')), { code: 'ENOENT' })
  t.equal(execFileSync(script, [folder], { stdio: ['ignore', 'pipe', 'ignore'] }).length, 0)
})

t.test('the menu says in plain words what it is', async (t) => {
  t.equal(kindOf(snapshot(0, { kind: 'before-update' })), 'Before an update')
})
