import t from 'tap'
import { fairShare, parseLoad, until } from '../../scenarios/fair-time.ts'

const idle = { total: 1000, stolen: 0, runnable: 1 }

t.test('reads what the kernel says about the load', async (t) => {
  const stat = 'cpu  10 2 30 400 5 0 1 20 0 0\ncpu0 1 1 1 1\nprocs_running 7\nprocs_blocked 0\n'
  t.same(parseLoad(stat), { total: 468, stolen: 20, runnable: 7 })
  t.same(parseLoad('nonsense'), { total: 0, stolen: 0, runnable: 1 })
})

t.test('time goes slower by as much as others use the processors', async (t) => {
  t.equal(fairShare(idle, { ...idle, total: 1100 }, 2), 1)
  t.equal(fairShare(idle, { ...idle, total: 1100, runnable: 3 }, 2), 1)
  t.equal(fairShare(idle, { ...idle, total: 1100, runnable: 9 }, 2), 0.25)
  t.equal(fairShare(idle, { total: 1100, stolen: 50, runnable: 1 }, 2), 0.5)
})

t.test('what stands still is over after its limit, and is named', async (t) => {
  await t.rejects(
    until('the gate opens', () => undefined, { limitS: 0.3, everyMs: 10 }),
    /Not within 0.3 s: the gate opens/,
  )
  t.equal(await until('it is there', () => 'it', { limitS: 0.3 }), 'it')
  const signal = AbortSignal.abort()
  await t.rejects(
    until('never', () => undefined, { limitS: 60, signal }),
    { name: 'AbortError' },
  )
})
