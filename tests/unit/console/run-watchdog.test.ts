import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { consoleLeftBehind } from '../../../orchestrator/console/index.ts'
import { run } from '../../../orchestrator/host/process.ts'
import { machine } from '../fixtures/watchdog.ts'

const mainModule = new URL('../../../orchestrator/main.ts', import.meta.url).pathname

t.test('powers the machine off once the guest has shut down and QEMU has ended', async (t) => {
  const { unit, start, say, log, attached, close } = await machine(t)
  const { exit } = start()
  await attached(1)
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(100)
  t.notMatch(log(), /poweroff/)
  close()
  unit('inactive', 'success')
  t.equal(await exit, 0)
  t.match(log(), /would poweroff now/)
})

t.test('a restart of the guest starts this same program again, in the same tree', async (t) => {
  const { folder, unit, write, journal, log } = await machine(t)
  write({ starts: 1, startedAt: 100, running: true })
  journal(said('guest-reset', 120))
  unit('inactive', 'success')
  const command = [`PATH=${folder}:${process.env.PATH}`, 'NODE_OPTIONS=', process.execPath, mainModule]
  const { status, stderr } = await run('env', [...command, 'watchdog', '--root', folder])
  t.equal(status, 0, stderr)
  t.match(stderr, /would reboot now/)
  t.match(JSON.parse(readFileSync(join(folder, 'var/lib/deskvisor/boot/next'), 'utf8')), {
    reason: { code: 'no-cartridge' },
  })
  t.notMatch(log(), /reboot|poweroff/)
})

t.test('attaches again after it was killed, and the console notices nothing', async (t) => {
  const commands: string[] = []
  const { start, log, attached } = await machine(t, (line) => commands.push(JSON.parse(line).execute))
  const first = start()
  await attached(1)
  first.child.kill('SIGKILL')
  await first.exit
  const second = start()
  await attached(2)
  while (!commands.includes('query-status')) await sleep(20)
  t.notMatch(log(), /kill|stop|poweroff|reboot/)
  t.same(new Set(commands), new Set(['qmp_capabilities', 'query-status']))
  second.child.kill('SIGTERM')
  t.equal(await second.exit, 0, 'and goes quietly when it is told to')
})

t.test('asks for recovery at the third crash', async (t) => {
  const { folder, unit, start, say, log, attached, record } = await machine(t, (line, socket) => {
    if (line.includes('"quit"')) {
      unit('inactive', 'success')
      socket.end()
    }
  })
  const now = Number(process.hrtime.bigint() / 1_000_000_000n)
  const crashTimes = [now - 20, now - 10]
  writeFileSync(join(folder, 'run/deskvisor/watchdog.json'), JSON.stringify({ crashes: 2, crashTimes }))
  unit('active', 'success')
  const { exit } = start()
  await attached(1)
  say('WATCHDOG', { action: 'none' })
  t.equal(await exit, 0)
  t.match(log(), /would reboot now/)
  t.match(record(), { crashes: 3, lastCrash: /stopped responding/ })
  t.match(JSON.parse(readFileSync(join(folder, 'var/lib/deskvisor/boot/next'), 'utf8')), {
    intent: 'recovery',
    reason: { code: 'crash-loop', text: /3 times within five minutes.*stopped responding/ },
  })
})

/** What the console plays is the cartridge gondor, which resets or does not. */
function plays(folder: string, reset: object): void {
  const cartridge = join(folder, 'var/lib/deskvisor/cartridges/gondor')
  const state = join(cartridge, 'states/0001')
  mkdirSync(state, { recursive: true })
  symlinkSync('states/0001', join(cartridge, 'present'))
  const about = { uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', ...reset }
  writeFileSync(join(cartridge, 'cartridge.json'), JSON.stringify(about))
  for (const file of ['disk.raw', 'uefi-vars.fd', 'state.json']) writeFileSync(join(state, file), '{}')
  writeFileSync(join(folder, 'run/deskvisor/playing.json'), JSON.stringify({ name: 'gondor', state }))
}

t.test('a log-out: shut down in order, over the death of a watchdog, and started again', async (t) => {
  const commands: string[] = []
  const { folder, unit, start, say, log, attached, record, guestSays, close } = await machine(t, (line) =>
    commands.push(JSON.parse(line).execute),
  )
  plays(folder, { reset: 'every-start' })
  const trying = join(folder, 'var/lib/deskvisor/cartridges/gondor/try.json')
  writeFileSync(trying, '{"snapshot":"x","state":"0001","phase":"running"}')
  writeFileSync(
    join(folder, 'run/deskvisor/watchdog.json'),
    JSON.stringify({ starts: 1, running: true, onGuestReboot: 'reboot-host' }),
  )
  const first = start()
  await attached(1)
  await guestSays('\u0000garbage\n\nlogout\nlogout\n')
  while (!commands.includes('system_powerdown')) await sleep(20)
  t.match(record(), { ending: { kind: 'logged-out' }, healthy: true })
  t.match(JSON.parse(readFileSync(trying, 'utf8')), { loggedOut: true }, 'what it tries ends with it')
  first.child.kill('SIGKILL')
  await first.exit
  const second = start()
  while (commands.filter((command) => command === 'system_powerdown').length < 2) await sleep(20)
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(100)
  close()
  unit('inactive', 'success')
  t.equal(await second.exit, 0)
  t.match(log(), /would reboot now/)
  t.notMatch(log(), /would poweroff/)
  t.match(record(), { crashes: 0, due: { kind: 'reboot-host' } })
  t.match(log(), /does not know; it is ignored/)
})

t.test('a log-out is ignored, in one line, when what plays has no reset', async (t) => {
  const commands: string[] = []
  const { folder, unit, start, say, log, attached, guestSays, close } = await machine(t, (line) =>
    commands.push(JSON.parse(line).execute),
  )
  plays(folder, {})
  const { exit } = start()
  await attached(1)
  await guestSays('logout\n')
  while (!log().includes('A log-out is ignored')) await sleep(20)
  await guestSays('logout\n')
  await sleep(250)
  t.equal(log().split('A log-out is ignored').length, 2)
  t.notOk(commands.includes('system_powerdown'))
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(100)
  close()
  unit('inactive', 'success')
  t.equal(await exit, 0)
  t.match(log(), /would poweroff now/, 'shutting it down still switches the computer off')
})

t.test('ends a QEMU that speaks no QMP, and counts it as a crash', async (t) => {
  const { start, log, record } = await machine(t, (_, socket) => socket.write('\u0000garbage\n'))
  start()
  while (!log().includes('kill')) await sleep(50)
  while (record().crashes === 0) await sleep(50)
  t.match(log(), /^kill --signal=KILL deskvisor-console\.service$/m)
  t.match(record().lastCrash, /does not speak QMP/)
})

/** A line of the journal in which QEMU says why it ended, `at` a monotonic second. */
const said = (reason: string, at: number) => ({
  __MONOTONIC_TIMESTAMP: String(at * 1_000_000),
  MESSAGE: JSON.stringify({ event: 'SHUTDOWN', data: { guest: true, reason } }),
})

const recently = () => Number(process.hrtime.bigint() / 1_000_000_000n) - 10

const whileAway: [string, { result?: string; journal?: object[]; record?: object }, RegExp][] = [
  ['shut down', { journal: [said('guest-shutdown', 120)] }, /would poweroff now/],
  [
    'restarted',
    { journal: [said('guest-reset', 120)], record: { onGuestReboot: 'reboot-host' } },
    /would reboot now/,
  ],
  ['was stopped on the host', { journal: [said('host-signal', 120)] }, /^(?!.*would)/s],
  [
    'ended cleanly and nobody knows why',
    { journal: [{ MESSAGE: [1, 2] }, { MESSAGE: '{"event":' }] },
    /would poweroff now/,
  ],
  [
    'ended, and only an earlier console said how',
    { journal: [said('host-signal', 80)] },
    /would poweroff now/,
  ],
  [
    'crashed a third time',
    { result: 'core-dump', record: { crashTimes: [recently(), recently()] } },
    /would reboot now/,
  ],
]
for (const [what, { result = 'success', journal: lines = [], record: known = {} }, expected] of whileAway) {
  t.test(`finds out what to do when the console ${what} while no watchdog ran`, async (t) => {
    const { unit, start, write, journal, log, record } = await machine(t)
    write({ starts: 1, startedAt: 100, running: true, ...known })
    journal(...lines)
    unit(result === 'success' ? 'inactive' : 'failed', result)
    t.equal(await start().exit, 0)
    t.match(log(), expected)
    t.equal(record().running, false)
  })
}

t.test(
  'a watchdog that dies during the back-off leaves the start to the next one, and counts once',
  async (t) => {
    const { unit, start, write, record } = await machine(t)
    write({ starts: 1, startedAt: 100, running: true, backOff: 30 })
    unit('failed', 'signal')
    const first = start()
    while (!existsRecord(record)) await sleep(20)
    first.child.kill('SIGKILL')
    await first.exit
    t.match(record(), { crashes: 1, due: { kind: 'relaunch', afterSeconds: 30 } })
    const second = start()
    await sleep(700)
    t.equal(second.child.exitCode, null, 'it waits as the first one did')
    t.match(record(), { crashes: 1 })
  },
)

const existsRecord = (record: () => { due?: object | null }) => Boolean(record().due)

t.test('a boot finds a console that was left behind, unless the desktop was chosen anew', async (t) => {
  const { folder, write, unit, machine: watched } = await machine(t)
  unit('inactive', 'success')
  t.equal(await consoleLeftBehind(watched), false, 'no record')
  write({ running: true })
  t.equal(await consoleLeftBehind(watched), true, 'it ended unwatched')
  write({ running: false, due: { kind: 'power-off' } })
  t.equal(await consoleLeftBehind(watched), true, 'what it asked for is still due')
  writeFileSync(join(folder, 'run/deskvisor/start-desktop'), '')
  t.equal(await consoleLeftBehind(watched), false, 'somebody chose the desktop in the menu')
  unit('active', 'success')
  t.equal(await consoleLeftBehind(watched), true, 'but it runs')
})
