import t from 'tap'
import { type Ended, withConsoleEnded } from '../../../orchestrator/api/console-ended.ts'
import { desktopOf } from '../../../orchestrator/api/desktop.ts'
import { Queue } from '../../../orchestrator/api/queue.ts'
import { bootUnit, consoleUnit, type DesktopPhase } from '../../../orchestrator/host/desktop-state.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { heldClock } from '../fixtures/clock.ts'
import { fakeDesktop } from '../fixtures/desktop.ts'
import { Tree } from '../fixtures/tree.ts'

/** What systemctl shows of both units in each phase. */
const units: Record<DesktopPhase, string> = {
  off: '',
  changing: `Id=${bootUnit}\nActiveState=activating\n`,
  running: `Id=${consoleUnit}\nActiveState=active\n`,
}

/** A desktop that is in one phase after the other, and stays in the last; waiting takes no time there. */
function desktop(tree: Tree, ...phases: DesktopPhase[]) {
  const told: string[] = []
  const machine = machineAt(tree.root, {
    clock: heldClock().clock,
    systemctl: async (...args) => {
      told.push(args[0] === 'show' ? 'asked' : args.join(' '))
      const phase = args[0] === 'show' && (phases.length > 1 ? phases.shift() : phases[0])
      return { status: 0, stdout: phase ? units[phase] : '', stderr: '' }
    },
  })
  const startDesktop = async () => void told.push('start the desktop')
  return {
    machine,
    desktop: desktopOf(machine, startDesktop),
    orders: () => told.filter((what) => what !== 'asked'),
    told,
  }
}

t.test('a start is over when the desktop runs', async (t) => {
  const { desktop: starting, told } = desktop(new Tree(t), 'off', 'changing', 'changing', 'running')
  await starting.start()
  t.same(told, ['asked', 'start the desktop', 'asked', 'asked', 'asked'])
})

t.test('a desktop that still runs only gets its watchdog back', async (t) => {
  const { desktop: running, orders } = desktop(new Tree(t), 'changing', 'running')
  await running.start()
  t.same(orders(), [`start --no-block ${bootUnit}`])
})

t.test('a start that fails says why', async (t) => {
  const tree = new Tree(t)
  const reason = { code: 'start-failed', text: 'The desktop could not be started: no KVM.' }
  tree.write('run/deskvisor/intent.json', JSON.stringify({ intent: 'recovery', reason }))
  const failed = { code: 'desktop-not-started', hint: 'Restart the computer.' }
  const start = (...phases: DesktopPhase[]) => desktop(tree, ...phases).desktop.start()
  await t.rejects(start('off', 'changing', 'off'), { ...failed, message: /no KVM\.$/ })
  await t.rejects(start('off', 'changing'), { ...failed, message: /does not run after 3 minutes\.$/ })
  const refused = desktopOf(desktop(tree, 'off').machine, () => Promise.reject(new Error('No.')))
  await t.rejects(refused.start(), {
    ...failed,
    message: 'The desktop could not be started again: No.',
  })
})

t.test('an abort ends the waiting for a start, but not the start', async (t) => {
  const { desktop: starting, orders } = desktop(new Tree(t), 'off', 'changing')
  await starting.start(AbortSignal.abort())
  t.same(orders(), ['start the desktop'])
})

t.test('work waits for a desktop that is being started, and says when that takes too long', async (t) => {
  const tree = new Tree(t)
  const settle = (signal: AbortSignal | undefined, ...phases: DesktopPhase[]) =>
    desktop(tree, ...phases).desktop.settle(signal)
  await settle(undefined, 'changing', 'changing', 'running')
  await t.rejects(settle(undefined, 'changing'), { code: 'busy' })
  await t.rejects(settle(AbortSignal.abort(), 'changing'), { name: 'AbortError' })
})

t.test('two works that need the desktop to be off are done one after the other', async (t) => {
  const { told: order, fake } = fakeDesktop()
  const does = (what: string) => async () => void order.push(what)
  const service = { machine: new Tree(t).machine, queue: new Queue(), desktop: fake }
  const told = { say: () => {}, progress: () => {}, signal: new AbortController().signal }
  const options: Ended = { service, ends: () => true, force: false, context: told }
  await Promise.all([
    withConsoleEnded(options, does('go back')),
    withConsoleEnded(options, does('switch')),
    withConsoleEnded({ ...options, ends: () => false }, does('beside')),
  ])
  const one = (what: string) => ['settle', 'end', what, 'start']
  t.same(order, [...one('go back'), ...one('switch'), 'settle', 'beside'])
})
