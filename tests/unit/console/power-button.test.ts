import { mock } from 'node:test'
import t from 'tap'
import { pressPowerButton } from '../../../orchestrator/console/power-button.ts'

/** A QEMU that counts what it is asked, and is gone after `answers` of them. */
function qemu(answers: number) {
  const asked: string[] = []
  const execute = (command: string) => {
    asked.push(command)
    return asked.length > answers ? Promise.reject(new Error('QEMU is gone')) : Promise.resolve({})
  }
  return { asked, qmp: { execute, close: () => {} } }
}

t.beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
t.afterEach(() => mock.timers.reset())

t.test('presses again every half minute, until QEMU is gone', async (t) => {
  const { asked, qmp } = qemu(2)
  await pressPowerButton(qmp)
  t.same(asked, ['system_powerdown'])
  mock.timers.tick(29_000)
  t.equal(asked.length, 1)
  for (const expected of [2, 3, 3, 3]) {
    mock.timers.tick(30_000)
    // Lets the answer arrive.
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(asked.length, expected)
  }
})

t.test('a QEMU that is gone from the start is told, and not asked again', async (t) => {
  const { asked, qmp } = qemu(0)
  await t.rejects(pressPowerButton(qmp), { message: 'QEMU is gone' })
  mock.timers.tick(60_000)
  t.equal(asked.length, 1)
})
