import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { withConsoleEnded } from '../../../orchestrator/api/console-ended.ts'
import type { Desktop } from '../../../orchestrator/api/desktop.ts'
import { oweDesktop, startPendingDesktop } from '../../../orchestrator/api/pending-desktop.ts'
import { Queue } from '../../../orchestrator/api/queue.ts'
import { fakeDesktop } from '../fixtures/desktop.ts'
import { everyHostileFile, Tree } from '../fixtures/tree.ts'

const note = 'run/deskvisor/owed-desktop.json'
const module = new URL('../../../orchestrator/api/pending-desktop.ts', import.meta.url).href

t.test('the desktop of a program that died is started by the next one, once', async (t) => {
  const tree = new Tree(t)
  const script = `import { oweDesktop } from '${module}'; oweDesktop(${tree.machineCode}); process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
  t.same(await once(child, 'exit'), [null, 'SIGKILL'])
  const { told, fake } = fakeDesktop()
  await startPendingDesktop(tree.machine, fake)
  await startPendingDesktop(tree.machine, fake)
  t.same(told, ['start'])
})

t.test('a program that still works starts its desktop itself', async (t) => {
  const tree = new Tree(t)
  const { told, fake } = fakeDesktop()
  const isStarted = oweDesktop(tree.machine)
  await startPendingDesktop(tree.machine, fake)
  isStarted()
  await startPendingDesktop(tree.machine, fake)
  t.same(told, [])
})

t.test('a desktop that does not start is tried once and not for ever', async (t) => {
  const tree = new Tree(t)
  tree.write(note, '{}')
  await startPendingDesktop(tree.machine, fakeDesktop({ start: () => Promise.reject(new Error('No.')) }).fake)
  t.notOk(existsSync(tree.at(note)))
})

for (const [what, make] of Object.entries(everyHostileFile)) {
  t.test(`a note that is ${what} costs at most a start`, async (t) => {
    const tree = new Tree(t)
    make(tree.write(note, '{}'))
    await startPendingDesktop(tree.machine, fakeDesktop().fake)
    t.notOk(existsSync(tree.at(note)))
  })
}

t.test('the note is there from before the desktop ends until after it is started', async (t) => {
  const tree = new Tree(t)
  const noted: boolean[] = []
  const look = async () => void noted.push(existsSync(tree.at(note)))
  const told = { say: () => {}, progress: () => {}, signal: new AbortController().signal }
  const work = (change: Partial<Desktop>, result = look) => {
    const service = { machine: tree.machine, queue: new Queue(), desktop: fakeDesktop(change).fake }
    return withConsoleEnded({ service, ends: () => true, force: false, context: told }, result)
  }
  await work({ end: look, start: look })
  t.same(noted, [true, true, true])
  t.notOk(existsSync(tree.at(note)))
  const no = () => Promise.reject(new Error('No.'))
  await t.rejects(work({ end: no }), { message: 'No.' })
  t.notOk(existsSync(tree.at(note)), 'a desktop that did not end runs')
  await t.rejects(work({ start: look }, no), { message: 'No.' })
  t.same(noted, [true, true, true, true], 'work that failed starts it as well')
  t.notOk(existsSync(tree.at(note)))
})
