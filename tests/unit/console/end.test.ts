import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type EndOptions, endConsole } from '../../../orchestrator/console/end.ts'
import { askToEnd, defaultTimeouts } from '../../../orchestrator/console/shutdown-request.ts'
import { machine } from '../fixtures/watchdog.ts'

const timeouts = { shutdown: 1, lastChance: 0.2, quit: 1 }
/** A test that waits for it takes too long and fails. */
const forEver = { ...timeouts, shutdown: 600 }
const recently = () => Number(process.hrtime.bigint() / 1_000_000_000n) - 10

/** A machine whose guest does what `obeys` says, and nothing else. */
async function desktop(t: Test, ...obeys: string[]) {
  const commands: string[] = []
  const built = await machine(t, (line) => {
    const { execute } = JSON.parse(line)
    commands.push(execute)
    if (obeys.includes(execute)) built.unit('inactive', 'success')
  })
  built.write({ starts: 1, running: true, healthy: true })
  const end = (options: Partial<EndOptions> = {}) =>
    endConsole(built.machine, { force: false, timeouts, ...options })
  const did = (command: string) => commands.includes(command)
  /** What systemd was asked to do with the watchdog. */
  const watchdog = () => built.log().match(/^(?:start|stop).*deskvisor-boot\.service$/gm)
  return { ...built, end, did, watchdog }
}

const sentAway = ['stop deskvisor-boot.service']
const cameBack = [...sentAway, 'start --no-block deskvisor-boot.service']

t.test('a guest that hears its power button ends, and its watchdog stays away', async (t) => {
  const { end, did, watchdog } = await desktop(t, 'system_powerdown')
  await end()
  t.notOk(did('quit'))
  t.same(watchdog(), sentAway)
})

t.test('a guest that does not end is left running with its watchdog, and the way out is named', async (t) => {
  const { end, did, watchdog, log, record } = await desktop(t)
  await t.rejects(end(), {
    code: 'guest-does-not-end',
    message: /Nothing was changed/,
    hint: /--force.*is started again/,
  })
  t.ok(did('system_powerdown'))
  t.notOk(did('quit'))
  t.notMatch(log(), /kill/)
  t.same(watchdog(), cameBack)
  t.match(record(), { starts: 1, healthy: true, asked: Number })
})

t.test('a guest that ends between the time-out and the answer does not leave a dark machine', async (t) => {
  const { end, start, attached, say, close, unit, log, write, record } = await desktop(t)
  write({ starts: 1, running: true, onGuestReboot: 'reboot-host' })
  await t.rejects(end(), { code: 'guest-does-not-end' })
  const { exit } = start()
  await attached(1)
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(100)
  close()
  unit('inactive', 'success')
  t.equal(await exit, 0)
  t.match(log(), /would reboot now/)
  t.notMatch(log(), /would poweroff/)
  t.match(record(), { due: { kind: 'reboot-host' } })
})

t.test('with force, the plug is pulled only when the time is over', async (t) => {
  const { end, did, watchdog } = await desktop(t, 'quit')
  const since = performance.now()
  await end({ force: true })
  t.ok(performance.now() - since >= 1000, 'it gets the whole time first')
  t.ok(did('system_powerdown'))
  t.ok(did('quit'))
  t.same(watchdog(), sentAway)
})

t.test('with force after a time-out, the guest gets only a last chance', async (t) => {
  const { end, did, write, record } = await desktop(t, 'quit')
  const asked = recently()
  write({ starts: 1, running: true, asked })
  await end({ force: true, timeouts: { ...timeouts, shutdown: 10 } })
  t.ok(did('system_powerdown'))
  t.ok(did('quit'))
  t.equal(record().asked, asked, 'it still counts from the first time')
})

t.test('a QEMU that does not listen is killed', async (t) => {
  const { end, log, watchdog } = await desktop(t)
  await end({ force: true })
  t.match(log(), /^kill --signal=KILL deskvisor-console\.service$/m)
  t.same(watchdog(), sentAway)
})

for (const force of [false, true]) {
  t.test(`a cancel ends the waiting at once, and pulls no plug (force: ${force})`, async (t) => {
    const { end, did, watchdog, log, record } = await desktop(t)
    const controller = new AbortController()
    const ended = end({ force, signal: controller.signal, timeouts: forEver })
    while (!did('system_powerdown')) await sleep(10)
    controller.abort()
    await t.rejects(ended, { name: 'AbortError' })
    await sleep(300)
    t.notOk(did('quit'))
    t.notMatch(log(), /kill/)
    t.same(watchdog(), cameBack)
    t.match(record(), { asked: Number }, 'and a guest that ends late is started again')
  })
}

t.test('work that was cancelled before asks nobody', async (t) => {
  const { end, log } = await desktop(t)
  await t.rejects(end({ signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.equal(log(), '')
})

t.test('how long a guest gets', async (t) => {
  const seconds = (before: number | null, now: number, force: boolean) =>
    askToEnd({ before, now, force }, defaultTimeouts).seconds
  t.equal(seconds(null, 1000, false), 180)
  t.equal(seconds(null, 1000, true), 180, 'force that was given up front')
  t.equal(seconds(1000, 1180, true), 15, 'after a time-out')
  t.equal(seconds(1000, 1060, true), 120, 'after a cancel, what is left')
  t.equal(seconds(1000, 1180, false), 180, 'who asks anew waits anew')
  t.equal(seconds(1000, 1900, true), 180, 'what was long ago is forgotten')
  t.equal(seconds(recently() + 100, recently(), true), 180, 'by a clock that cannot be, too')
})
