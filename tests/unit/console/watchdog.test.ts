import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readAttempts } from '../../../orchestrator/boot/attempts.ts'
import { blessBoot } from '../../../orchestrator/boot/bless.ts'
import { readRecord, writeRecord } from '../../../orchestrator/console/record.ts'
import { firstState, nextAction, started } from '../../../orchestrator/console/watchdog.ts'
import type { WatchdogEvent, WatchdogState } from '../../../orchestrator/console/watchdog-types.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'

const running = started(firstState, 100, 'relaunch')

/** Feeds events to the watchdog and returns where it ends up and everything it did. */
function follow(state: WatchdogState, ...events: WatchdogEvent[]) {
  const actions = []
  let now = state
  for (const event of events) {
    const next = nextAction(now, event)
    now = next.state
    actions.push(next.action)
  }
  return { state: now, actions, last: actions.at(-1) }
}

const reported = (reason: string, guest = true): WatchdogEvent => ({
  kind: 'shutdown-reported',
  guest,
  reason,
})
const ended = (at: number, result = 'success'): WatchdogEvent => ({ kind: 'ended', at, result })

t.test('powers off when the guest shut down, but not before QEMU has ended', async (t) => {
  const { actions } = follow(running, reported('guest-shutdown'), ended(200))
  t.same(actions, [{ kind: 'wait' }, { kind: 'power-off' }])
})

t.test(
  'starts a guest again that shuts down because the machine asked it to, for a quarter of an hour',
  async (t) => {
    const asked = { ...running, asked: 200 }
    const end = (at: number) => follow(asked, reported('guest-shutdown'), ended(at)).last
    t.same(end(1099), { kind: 'relaunch', afterSeconds: 0 })
    t.same(end(1100), { kind: 'power-off' }, 'later it is the wish of its user')
    t.same(end(199), { kind: 'power-off' }, 'and by a clock that cannot be, too')
    t.same(follow(asked, reported('host-signal', false), ended(300)).last, { kind: 'leave' })
    t.equal(started(asked, 300, 'relaunch').asked, null, 'what starts was not asked yet')
  },
)

t.test('relaunches when the guest reboots, or restarts the machine where configured', async (t) => {
  const events = [reported('guest-reset'), ended(200)]
  t.same(follow(running, ...events).last, { kind: 'relaunch', afterSeconds: 0 })
  t.equal(follow(running, ...events).state.crashes, 0)
  t.same(follow(started(firstState, 1, 'reboot-host'), ...events).last, { kind: 'reboot-host' })
})

t.test('leaves when somebody stopped the console', async (t) => {
  for (const reason of ['host-signal', 'host-qmp-quit']) {
    t.same(follow(running, reported(reason, false), ended(200)).last, { kind: 'leave' })
  }
})

/** Runs of a console, one after the other, each ending `seconds` after it was started; gives what follows each. */
function runs(seconds: number, count: number, events: (at: number) => WatchdogEvent[], state = running) {
  const actions = []
  let now = state
  for (let run = 1; run <= count; run += 1) {
    const at = now.startedAt + seconds
    const { state: next, last } = follow(now, ...events(at), ended(at, 'signal'))
    actions.push(last)
    now = started(next, at, 'relaunch')
  }
  return { actions, state: now }
}
const seconds = (actions: ReturnType<typeof runs>['actions']) =>
  actions.map((action) => (action?.kind === 'relaunch' ? action.afterSeconds : action?.kind))

t.test('relaunches after a crash, later each time, and the back-off starts anew once healthy', async (t) => {
  const { actions, state } = runs(10, 2, () => [])
  t.same(seconds(actions), [1, 2])
  const healthy = follow(state, { kind: 'agent-answered' }).state
  t.same(follow(healthy, ended(9000, 'signal')).last, { kind: 'relaunch', afterSeconds: 1 })
})

t.test('goes to recovery at the third crash within five minutes', async (t) => {
  const healthy: WatchdogEvent = { kind: 'agent-answered' }
  const crashes = (apart: number) => runs(apart, 3, () => [healthy]).actions
  t.match(crashes(149).at(-1), { kind: 'recovery', text: /3 times within five minutes.*signal/ })
  t.same(seconds(crashes(151)), [1, 1, 1], 'the first crash is forgotten')
})

t.test('goes to recovery at the third start that ends in a crash, however slowly it dies', async (t) => {
  const { actions } = runs(200, 3, () => [])
  t.same(seconds(actions), [1, 2, 'recovery'])
  t.match(actions.at(-1), { text: /failed 3 times before it was of any use.*signal/ })
  const twice = runs(200, 2, () => []).state
  const inOrder = follow(twice, { kind: 'agent-answered' }, reported('guest-reset'), ended(90_000)).state
  t.equal(follow(started(inOrder, 90_000, 'relaunch'), ended(90_001, 'signal')).last?.kind, 'relaunch')
})

t.test('a system that the firmware restarts because it did not start has crashed', async (t) => {
  const reset = () => [reported('guest-reset')]
  const { actions } = runs(305, 3, reset)
  t.same(seconds(actions), [1, 2, 'recovery'])
  t.match(actions.at(-1), { text: /did not start within five minutes/ })
  t.same(seconds(runs(299, 3, reset).actions), [0, 0, 0], 'a person may restart it')
  t.same(seconds(runs(305, 3, () => [{ kind: 'agent-answered' }, ...reset()]).actions), [0, 0, 0])
})

t.test(
  'a guest that restarts again and again as soon as it is started waits ever longer for it',
  async (t) => {
    const reset = () => [reported('guest-reset')]
    const { actions, state } = runs(5, 7, reset)
    t.same(seconds(actions), [0, 2, 4, 8, 16, 30, 30])
    t.equal(state.crashes, 0)
    t.same(seconds(runs(5, 2, () => [{ kind: 'agent-answered' }, ...reset()], state).actions), [0, 0])
    t.same(seconds(runs(60, 5, reset).actions), [0, 0, 0, 0, 0])
  },
)

t.test('kills a guest that hangs once, and counts it as a crash', async (t) => {
  const { actions, state } = follow(
    running,
    { kind: 'hang' },
    { kind: 'hang' },
    reported('host-qmp-quit', false),
    ended(200),
  )
  t.same(actions, [
    { kind: 'kill' },
    { kind: 'wait' },
    { kind: 'wait' },
    { kind: 'relaunch', afterSeconds: 1 },
  ])
  t.match(state, { crashes: 1, lastCrash: /stopped responding/ })
  t.match(follow(running, { kind: 'panic' }, ended(1)).state.lastCrash, /fatal error/)
})

t.test('treats a QEMU that cannot be talked to as a crash, with the reason', async (t) => {
  const { actions, state } = follow(
    running,
    { kind: 'unreachable', text: 'It spoke Latin.' },
    ended(1, 'signal'),
  )
  t.same(actions, [{ kind: 'kill' }, { kind: 'relaunch', afterSeconds: 1 }])
  t.equal(state.lastCrash, 'It spoke Latin.')
})

t.test('is healthy once, by the guest agent or after six minutes', async (t) => {
  const answered: WatchdogEvent = { kind: 'agent-answered' }
  t.same(follow(running, answered, answered).actions, [{ kind: 'bless' }, { kind: 'wait' }])
  const ticks = follow(running, { kind: 'tick', at: 459 }, { kind: 'tick', at: 460 }).actions
  t.same(ticks, [{ kind: 'wait' }, { kind: 'bless' }])
  t.same(follow(running, { kind: 'hang' }, answered).last, { kind: 'wait' }, 'not while it ends')
})

t.test('remembers across its own death and survives a broken record', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  const { state } = follow(running, { kind: 'agent-answered' }, { kind: 'hang' }, ended(120))
  writeRecord(machine, state)
  t.same(readRecord(machine), state)
  t.match(readRecord(machine), { starts: 1, crashes: 1, crashTimes: [120], healthy: true })
  for (const text of [
    '',
    'null',
    '[]',
    '{"crashTimes":"x","backOff":1e9,"ending":{"kind":"?"},"starts":-4}',
  ]) {
    writeFileSync(join(root, 'run/deskvisor/watchdog.json'), text)
    t.match(readRecord(machine), { starts: 0, crashTimes: [], ending: null })
    t.ok(readRecord(machine).backOff <= 30)
  }
})

t.test('forgets failed starts when healthy', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  const attempts = join(root, 'var/lib/deskvisor/boot/attempts')
  await blessBoot(machine)
  mkdirSync(join(attempts, '..'), { recursive: true })
  writeFileSync(attempts, '2\n')
  await blessBoot(machine)
  t.equal(readAttempts(machine), 0)
})
