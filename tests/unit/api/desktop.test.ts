import t from 'tap'
import { type Ended, withConsoleEnded } from '../../../orchestrator/api/console-ended.ts'
import { desktopOf, type Edges } from '../../../orchestrator/api/desktop.ts'
import { Queue } from '../../../orchestrator/api/queue.ts'
import type { DesktopPhase } from '../../../orchestrator/host/desktop-state.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { heldClock } from '../fixtures/clock.ts'
import { fakeDesktop } from '../fixtures/desktop.ts'
import { Tree } from '../fixtures/tree.ts'

/** A machine on which waiting takes no time. */
const patient = (tree: Tree) => machineAt(tree.root, { clock: heldClock().clock })

/** A desktop that is in one phase after the other, and stays in the last; what it is told is noted. */
function edges(...phases: DesktopPhase[]) {
  const told: string[] = []
  const given: Partial<Edges> = {
    phase: async () => (phases.length > 1 ? phases.shift() : phases[0]) ?? 'off',
    startDesktop: async () => void told.push('start the desktop'),
    startWatchdog: async () => told.push('start the watchdog'),
  }
  return { told, edges: given }
}

t.test('a start is over when the desktop runs', async (t) => {
  const machine = patient(new Tree(t))
  const { told, edges: fake } = edges('off', 'changing', 'changing', 'running')
  let asked = 0
  const phase = () => {
    asked++
    return fake.phase?.() ?? Promise.resolve('off')
  }
  await desktopOf(machine, { ...fake, phase }).start()
  t.same(told, ['start the desktop'])
  t.equal(asked, 4)
})

t.test('a desktop that still runs only gets its watchdog back', async (t) => {
  const { told, edges: fake } = edges('changing', 'running')
  await desktopOf(patient(new Tree(t)), fake).start()
  t.same(told, ['start the watchdog'])
})

t.test('a start that fails says why', async (t) => {
  const tree = new Tree(t)
  const reason = { code: 'start-failed', text: 'The desktop could not be started: no KVM.' }
  tree.write('run/deskvisor/intent.json', JSON.stringify({ intent: 'recovery', reason }))
  const start = (fake: Partial<Edges>) => desktopOf(patient(tree), fake).start()
  const failed = { code: 'desktop-not-started', hint: 'Restart the computer.' }
  await t.rejects(start(edges('off', 'changing', 'off').edges), { ...failed, message: /no KVM\.$/ })
  await t.rejects(start(edges('off', 'changing').edges), { ...failed, message: /does not run after/ })
  await t.rejects(start({ ...edges('off').edges, startDesktop: () => Promise.reject(new Error('No.')) }), {
    ...failed,
    message: 'The desktop could not be started again: No.',
  })
})

t.test('an abort ends the waiting for a start, but not the start', async (t) => {
  const { told, edges: fake } = edges('off', 'changing')
  await desktopOf(patient(new Tree(t)), fake).start(AbortSignal.abort())
  t.same(told, ['start the desktop'])
})

t.test('work waits for a desktop that is being started, and says when that takes too long', async (t) => {
  const machine = patient(new Tree(t))
  await desktopOf(machine, edges('changing', 'changing', 'running').edges).settle()
  await t.rejects(desktopOf(machine, edges('changing').edges).settle(), { code: 'busy' })
  await t.rejects(desktopOf(machine, edges('changing').edges).settle(AbortSignal.abort()), {
    name: 'AbortError',
  })
})

t.test('two works that need the desktop to be off are done one after the other', async (t) => {
  const { told: order, fake: desktop } = fakeDesktop()
  const does = (what: string) => async () => void order.push(what)
  const service = { machine: new Tree(t).machine, queue: new Queue(), desktop }
  const told = { say: () => {}, progress: () => {}, signal: new AbortController().signal }
  const options: Ended = { service, ends: () => true, force: false, told }
  await Promise.all([
    withConsoleEnded(options, does('go back')),
    withConsoleEnded(options, does('switch')),
    withConsoleEnded({ ...options, ends: () => false }, does('beside')),
  ])
  const one = (what: string) => ['settle', 'end', what, 'start']
  t.same(order, [...one('go back'), ...one('switch'), 'settle', 'beside'])
})
