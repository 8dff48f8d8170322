import t from 'tap'
import { openCartridge } from '../../../orchestrator/cartridges/index.ts'
import { prepareStart, prune, readTimeline, takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { removeSnapshots } from '../../../orchestrator/snapshots/retention/remove.ts'
import { Gondor } from '../fixtures/timeline.ts'

async function withSnapshots(gondor: Gondor, times: Date[]): Promise<string[]> {
  const names: string[] = []
  for (const now of times) {
    names.push(String((await takeSnapshot(gondor.machine, gondor.name, { kind: 'hourly', now }))?.name))
  }
  return names
}

t.test('a start does not wait until everything is pruned', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  const minutesAgo = Array.from({ length: 75 }, (_, index) => new Date(Date.now() - (75 - index) * 60_000))
  await withSnapshots(gondor, minutesAgo)
  const ended: string[] = []
  const pruned = prune(machine, name).then(({ removed }) => {
    ended.push('pruning')
    return removed
  })
  await prepareStart(machine, gondor.cartridge(), { relaunch: false }).then(() => ended.push('start'))
  const removed = await pruned
  t.same(ended, ['start', 'pruning'])
  t.ok(removed.length > 50)
  t.same(removed, [...removed].sort(), 'oldest first')
  const left = readTimeline(machine, name).snapshots
  t.equal(left.length, 75 - removed.length)
  t.same((await prune(machine, name)).removed, [])
})

t.test('those that are left stay in the order in which they were taken', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge('good')
  const { machine, name } = gondor
  // The clock goes back before each of them, so only what each says about the one before it tells the order.
  const names = await withSnapshots(
    gondor,
    Array.from({ length: 30 }, (_, index) => new Date(2_000_000_000_000 - index * 3_600_000)),
  )
  const opened = openCartridge(machine, name)
  const order = () =>
    readTimeline(machine, name)
      .snapshots.map((snapshot) => snapshot.name)
      .reverse()
  t.same(order(), names)
  const gone = names.filter((_, index) => index < 12 || index % 3 === 0)
  t.same(await removeSnapshots(opened, gone), gone)
  t.same(
    order(),
    names.filter((snapshot) => !gone.includes(snapshot)),
  )
  t.same(gondor.names('snapshots').length, names.length - gone.length)
  const some = order().slice(0, 12)
  const first = await removeSnapshots(opened, some, () => false)
  t.ok(first.length > 0 && first.length < some.length, 'and it ends early when it is told to')
})
