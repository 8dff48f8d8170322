import fc from 'fast-check'
import t from 'tap'
import { admission, type Connection } from '../../../orchestrator/api/connections.ts'

type Known = Connection & { name: string }

const held = (pid: number, uid: number, asks: boolean, name = ''): Known => {
  return { name, peer: { pid, uid }, isAsking: () => asks }
}
const limits = { process: 2, user: 4, total: 6 }

t.test('there is room below the limits', async (t) => {
  t.same(admission([], held(1, 0, false), limits), { isServed: true })
  t.same(admission([held(1, 0, true)], held(1, 0, false), limits), { isServed: true })
})

t.test('a process that holds connections open loses the oldest that asks nothing', async (t) => {
  const all = [held(1, 0, true, 'asks'), held(1, 0, false, 'idle'), held(2, 0, false, 'of another')]
  t.match(admission(all, held(1, 0, false), limits), { goes: { name: 'idle' }, isServed: true })
})

t.test('a process that asks as much as it may is told so', async (t) => {
  const all = [held(1, 0, true), held(1, 0, true), held(2, 0, false)]
  t.same(admission(all, held(1, 0, false), limits), { isServed: false })
  t.same(admission(all, held(3, 0, false), limits), { isServed: true }, 'and another is served')
})

t.test('a user with many programs keeps no other user out', async (t) => {
  const all = [1, 2, 3, 4].map((pid) => held(pid, 1000, true))
  t.same(admission(all, held(5, 1000, false), limits), { isServed: false })
  t.same(admission(all, held(6, 0, false), limits), { isServed: true })
})

t.test('when all is full, the process with most connections loses one', async (t) => {
  const one = [held(1, 1, false, 'alone'), held(2, 2, false, 'first of two'), held(3, 3, true)]
  const all = [...one, held(4, 4, true), held(5, 5, true), held(2, 2, false, 'second of two')]
  t.match(admission(all, held(6, 6, false), limits), { goes: { name: 'first of two' }, isServed: true })
})

t.test('whoever the kernel does not tell of counts for nobody in particular', async (t) => {
  const unknown = (): Known => ({ name: '', peer: null, isAsking: () => true })
  const all = [1, 2, 3, 4, 5].map(unknown)
  t.same(admission(all, unknown(), limits), { isServed: true })
  t.same(admission([...all, unknown()], unknown(), limits), { isServed: false })
})

t.test('nothing that is asked is cut off, and idle connections keep nobody out', async (t) => {
  const one = fc.record({ pid: fc.nat(5), uid: fc.nat(2), asks: fc.boolean() })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.nat(5), fc.nat(2), (described, pid, uid) => {
      const all = described.map((each) => held(each.pid, each.uid, each.asks))
      const { goes, isServed } = admission(all, held(pid, uid, false), limits)
      if (goes?.isAsking()) return false
      const asking = described.filter(({ asks }) => asks)
      const most = Math.max(
        asking.length - limits.total,
        asking.filter((each) => each.uid === uid).length - limits.user,
        asking.filter((each) => each.pid === pid).length - limits.process,
      )
      return isServed === most < 0 || goes !== undefined
    }),
  )
  t.end()
})
