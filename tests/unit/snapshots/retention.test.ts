import fc from 'fast-check'
import t from 'tap'
import {
  planRetention,
  type RetentionFacts,
  type RetentionPolicy,
  type Snapshot,
} from '../../../orchestrator/snapshots/index.ts'
import { inOrder, type Placed } from '../../../orchestrator/snapshots/timeline/order.ts'
import { floorsOf } from '../../../orchestrator/space/index.ts'

const now = new Date('2026-11-20T21:05:03Z')
const policy: RetentionPolicy = { last: 3, hourly: 4, daily: 3, weekly: 2, monthly: 2 }
const facts: RetentionFacts = { now, lack: null, protect: {} }
const lack = 'only 0.5 GiB are free'

function snapshot(takenAt: string, about: Partial<Snapshot> = {}): Snapshot {
  return {
    name: `${takenAt}-boot`,
    kind: 'boot',
    takenAt,
    note: '',
    pinned: false,
    healthy: false,
    consistency: 'offline',
    pauseMs: null,
    osLabel: null,
    exclusiveBytes: null,
    writtenBytes: null,
    ...about,
  }
}

/** Every so many minutes back from now. */
function every(minutes: number, count: number, about: Partial<Snapshot> = {}): Snapshot[] {
  return Array.from({ length: count }, (_, index) =>
    snapshot(new Date(now.getTime() - index * minutes * 60_000).toISOString(), about),
  )
}

const names = (snapshots: readonly { name: string }[]) => snapshots.map(({ name }) => name)

t.test('keeps the last ones, and one for each of so many hours, days, weeks and months', async (t) => {
  const { keep, remove } = planRetention(every(20, 5000), policy, facts)
  const reasons = (reason: string) => keep.filter((kept) => kept.reasons.includes(reason)).length
  t.equal(reasons('one of the last 3'), 3)
  t.equal(reasons('last of its hour'), 4)
  t.equal(reasons('last of its day'), 3)
  t.equal(reasons('last of its week'), 2)
  t.equal(reasons('last of its month'), 2)
  t.equal(keep.length + remove.length, 5000)
  t.same(remove[0]?.reason, 'no rule keeps it')
  t.ok(keep.length < 12, 'one may be kept for several reasons')
})

t.test('a moment before an update counts as any other', async (t) => {
  const plan = (kind: Snapshot['kind']) => planRetention(every(20, 200, { kind }), policy, facts)
  t.same(plan('before-update'), plan('hourly'))
})

t.test('a long pause keeps what was there before it', async (t) => {
  const old = every(60 * 24 * 40, 4).slice(1)
  t.equal(planRetention(old, policy, facts).remove.length, 0)
})

t.test('never removes what is pinned, newest, known good or protected', async (t) => {
  const old = [
    snapshot('2019-01-01T00:00:02.000Z', { healthy: true }),
    snapshot('2019-01-01T00:00:01.000Z', { pinned: true }),
    snapshot('2019-01-01T00:00:00.000Z'),
  ]
  const future = snapshot('2031-01-01T00:00:00.000Z')
  const facts = { now, lack: null, protect: { [old[2]?.name ?? '']: 'golden' } }
  const all = [future, ...every(1, 200), ...old]
  const { keep } = planRetention(all, policy, facts)
  t.same(names(planRetention(all, policy, { ...facts, lack }).keep.slice(-3)), names(old))
  t.same(
    keep.slice(-3).map(({ reasons }) => reasons[0]),
    ['last known good', 'pinned', 'golden'],
  )
  t.same(keep[0]?.reasons, ['newest', 'in the future'])
  t.match(keep[1]?.reasons, ['newest'], 'the newest one that is not in the future as well')
})

t.test(
  'while too little is free, the oldest goes for certain, and the next ones as far as needed',
  async (t) => {
    // Blocks that two snapshots share are counted for neither, so sizes say nothing about what a removal frees.
    for (const exclusiveBytes of [0, 400, null]) {
      const daily = every(60 * 24, 3, { exclusiveBytes })
      const { keep, remove, ifNeeded } = planRetention(daily, policy, { ...facts, lack })
      t.same(names(keep), names(daily.slice(0, 1)))
      t.same(names(remove), names(daily.slice(2)))
      t.same(names(ifNeeded), names(daily.slice(1, 2)))
      t.equal(remove[0]?.reason, 'only 0.5 GiB are free, and it is the oldest')
      const { remove: none } = planRetention(daily, policy, facts)
      t.equal(none.length, 0)
    }
  },
)

t.test('while too little is free, what no rule keeps goes first, and that may be enough', async (t) => {
  const crowded = every(1, 5)
  const { remove, ifNeeded } = planRetention(crowded, policy, { ...facts, lack })
  t.same(names(remove), names(crowded.slice(3, 4).concat(crowded[4] as Snapshot)))
  t.ok(remove.every(({ reason }) => reason === 'no rule keeps it'))
  t.same(names(ifNeeded), names(crowded.slice(1, 3).reverse()))
})

t.test('where undoing a going back leads goes last of all, and only when nothing else is left', async (t) => {
  const [undo, ...older] = [
    snapshot('2026-11-20T21:00:00.000Z', { name: 'saved' }),
    ...every(60 * 24, 3).slice(1),
  ]
  const facts = { now, lack, protect: { saved: 'undo returns to it' }, undo: 'saved' }
  const { keep, remove, ifNeeded } = planRetention([undo as Snapshot, ...older], policy, facts)
  t.same(keep, [])
  t.same(names(remove), names(older.slice(-1)))
  t.same(names(ifNeeded), [...names(older.slice(0, -1).reverse()), 'saved'])
  const last = planRetention([undo as Snapshot], policy, facts)
  t.same(last.remove, [{ name: 'saved', reason: 'only 0.5 GiB are free, and nothing else can go' }])
  const pinned = planRetention([{ ...(undo as Snapshot), pinned: true }], policy, facts)
  t.same(names(pinned.keep), ['saved'])
  t.same(names(planRetention([undo as Snapshot], policy, { ...facts, lack: null }).keep), ['saved'])
})

t.test('what lies in the future goes as well when space is needed, in its turn', async (t) => {
  const [ahead, newest] = [snapshot('2027-11-20T00:00:00.000Z'), snapshot('2026-11-20T21:00:00.000Z')]
  const timeline = [newest, ahead, snapshot('2026-11-19T21:00:00.000Z')]
  t.equal(planRetention(timeline, policy, facts).remove.length, 0)
  const { remove, ifNeeded } = planRetention(timeline, policy, { ...facts, lack })
  t.same(names(remove), names(timeline.slice(2)))
  t.same(names(ifNeeded), names([ahead]))
})

t.test('of two moments of one second, the one that was taken later is the newest', async (t) => {
  const second = '2026-11-20T20:00:00.000Z'
  const twins = ['boot-2', 'boot'].map((kind) => snapshot(second, { name: `${second}-${kind}` }))
  const one = { ...policy, last: 1, daily: 0, weekly: 0, monthly: 0, hourly: 2 }
  const { remove } = planRetention([...every(1, 1), ...twins], one, facts)
  t.same(names(remove), names(twins.slice(1)))
})

t.test('the floor of free space suits the disk', async (t) => {
  const gibibyte = 2 ** 30
  const floor = (bytes: number, free_floor_gib: number | 'auto') =>
    floorsOf(free_floor_gib, bytes).floorBytes / gibibyte
  t.equal(floor(512 * gibibyte, 'auto'), 20)
  t.equal(floor(100 * gibibyte, 'auto'), 5)
  t.equal(floor(512 * gibibyte, 50), 50)
})

const time = fc
  .integer({ min: Date.parse('2026-01-01T00:00:00Z') / 1000, max: now.getTime() / 1000 })
  .map((seconds) => new Date(seconds * 1000).toISOString())
const anySnapshot = fc.record({
  takenAt: fc.oneof(
    { weight: 9, arbitrary: time },
    fc.constantFrom('1970-01-01T00:00:09.000Z', '2027-11-20T00:00:00.000Z'),
  ),
  pinned: fc.boolean(),
  healthy: fc.boolean(),
  exclusiveBytes: fc.option(fc.nat(1000)),
})
const timeline = fc
  .uniqueArray(anySnapshot, { maxLength: 60, selector: ({ takenAt }) => takenAt })
  .map((all) =>
    all.map((about) => snapshot(about.takenAt, about)).sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1)),
  )
const small = fc.nat(5)
const anyPolicy = fc.record({
  last: fc.integer({ min: 1, max: 5 }),
  hourly: small,
  daily: small,
  weekly: small,
  monthly: small,
})

t.test('whatever the timeline and the policy', async (t) => {
  const check = (
    what: string,
    holds: (snapshots: Snapshot[], policy: RetentionPolicy, lack: string | null) => boolean,
  ) =>
    t.test(what, async () => {
      fc.assert(fc.property(timeline, anyPolicy, fc.option(fc.constant(lack)), holds))
    })

  await check(
    'every snapshot is kept with a reason, removed, or to be removed',
    (snapshots, policy, lack) => {
      const { keep, remove, ifNeeded } = planRetention(snapshots, policy, { ...facts, lack })
      const all = [...names(keep), ...names(remove), ...names(ifNeeded)].sort()
      return all.join() === names(snapshots).sort().join() && keep.every(({ reasons }) => reasons.length > 0)
    },
  )
  await check('what must stay stays', (snapshots, policy, lack) => {
    const kept = new Set(names(planRetention(snapshots, policy, { ...facts, lack }).keep))
    const isAhead = (takenAt: string) => lack === null && takenAt > now.toISOString()
    const must = snapshots.filter(({ pinned, takenAt }, index) => pinned || index === 0 || isAhead(takenAt))
    const knownGood = snapshots.filter(({ healthy }) => healthy).slice(0, 1)
    return [...must, ...knownGood].every(({ name }) => kept.has(name))
  })
  await check('pruning a second time removes nothing more', (snapshots, policy) => {
    const kept = new Set(names(planRetention(snapshots, policy, facts).keep))
    const left = snapshots.filter(({ name }) => kept.has(name))
    return planRetention(left, policy, facts).remove.length === 0
  })
  await check('a more generous policy keeps at least as much', (snapshots, policy) => {
    const more = { ...policy, last: policy.last + 2, daily: policy.daily + 1, monthly: policy.monthly + 3 }
    const kept = new Set(names(planRetention(snapshots, more, facts).keep))
    return planRetention(snapshots, policy, facts).keep.every(({ name }) => kept.has(name))
  })
  await check(
    'a clock a year ahead or years back removes nothing that the right one keeps',
    (snapshots, policy) => {
      const past = snapshots.filter(({ takenAt }) => takenAt <= now.toISOString())
      const right = names(planRetention(past, policy, facts).remove)
      const ahead = { ...facts, now: new Date(now.getTime() + 365 * 86_400_000) }
      const back = { ...facts, now: new Date('1969-01-01T00:00:00Z') }
      return (
        names(planRetention(past, policy, ahead).remove).join() === right.join() &&
        planRetention(past, policy, back).remove.length === 0
      )
    },
  )
  await check('enough free space removes nothing for space', (snapshots, policy) => {
    const { remove } = planRetention(snapshots, policy, facts)
    return remove.every(({ reason }) => reason === 'no rule keeps it')
  })
})

t.test('snapshots stand in the order in which they were taken, whatever the clock said', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 }), (clock) => {
      const taken: Placed[] = []
      for (const [index, seconds] of clock.entries()) {
        const takenAt = new Date(seconds * 1000).toISOString()
        const last = inOrder(taken).at(-1)
        const past = taken.every((other) => other.takenAt < takenAt)
        taken.push({ name: `${index}`, takenAt, count: 1, after: past ? null : (last?.name ?? null) })
      }
      return (
        inOrder(taken.toReversed())
          .map(({ name }) => name)
          .join() === taken.map(({ name }) => name).join()
      )
    }),
  )
})

t.test('notes that were edited into a circle hide no snapshot', async (t) => {
  const placed = (name: string, after: string): Placed => ({
    name,
    takenAt: `2026-0${name}`,
    count: 1,
    after,
  })
  t.equal(inOrder([placed('1', '2'), placed('2', '1'), placed('3', '3'), placed('4', 'gone')]).length, 4)
})
