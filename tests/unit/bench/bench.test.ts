import t from 'tap'
import { kibibytes, residentOfLargestMapping } from '../../bench/memory.ts'
import { allReached, jsonOf, tableOf } from '../../bench/report.ts'
import { median, percentile, type Row, readable, verdictOf } from '../../bench/row.ts'
import { randomPlaces } from '../../bench/scatter.ts'
import { parseUnitStart } from '../../bench/times.ts'

const row: Row = {
  name: 'boot',
  unit: 'ms',
  figure: 90,
  baseline: 30,
  target: { of: 'ratio', atMost: 3 },
  note: 'how',
}

t.test('a figure is judged by its ratio, by itself, or not at all', async (t) => {
  t.equal(verdictOf(row), 'pass')
  t.equal(verdictOf({ ...row, figure: 91 }), 'MISS')
  t.equal(verdictOf({ ...row, baseline: null }), 'MISS', 'a ratio without a baseline cannot be reached')
  t.equal(verdictOf({ ...row, figure: 16, target: { of: 'figure', atMost: 16 } }), 'pass')
  t.equal(verdictOf({ ...row, figure: 16.1, target: { of: 'figure', atMost: 16 } }), 'MISS')
  t.equal(verdictOf({ ...row, figure: 1e9, target: { of: 'none' } }), '')
})

t.test('medians ignore the one slow round', async (t) => {
  t.equal(median([31, 900, 30]), 31)
  t.equal(median([40, 10, 20, 30]), 25)
  t.throws(() => median([]), /nothing/)
})

t.test('a percentile is a value that was measured, and the 99th of a hundred is not the worst', async (t) => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.equal(percentile(values, 0.99), 99)
  t.equal(percentile(values, 0.5), 50)
  t.equal(percentile([7], 0.99), 7)
  t.throws(() => percentile([], 0.5), /nothing/)
})

t.test('random writes fall on whole pieces of the disk', async (t) => {
  const places = randomPlaces({ pieces: 500, bytes: 4096, over: 40_960 })
  t.equal(places.length, 500)
  t.ok(places.every(({ at, bytes }) => at % 4096 === 0 && at + bytes <= 40_960))
  t.ok(new Set(places.map(({ at }) => at)).size > 5, 'at different places')
})

t.test('numbers are short enough to read', async (t) => {
  t.equal(readable(1234.5), '1235')
  t.equal(readable(34.16), '34.2')
  t.equal(readable(0.314), '0.31')
})

t.test('the table has a line for each figure, with what a person compares', async (t) => {
  const table = tableOf([
    row,
    { ...row, name: 'UKI', unit: 'MB', figure: 34.2, baseline: null, target: { of: 'none' } },
  ])
  t.match(table, /^boot +90\.0 ms +30\.0 ms +3\.00 × +≤ 3 × +pass$/m)
  t.match(table, /^UKI +34\.2 MB$/m)
  t.match(table, /^boot: how$/m)
})

t.test('a measure that could not be taken is a missed target, and says why', async (t) => {
  const failed = [{ name: 'firmware', error: 'The virtual PC did not start' }]
  t.equal(allReached([row], []), true)
  t.equal(allReached([row], failed), false)
  t.match(tableOf([row], failed), /^firmware +- +MISS$/m)
  t.match(tableOf([row], failed), /The virtual PC did not start/)
  t.match(jsonOf([row], failed, { processors: 2 }), {
    reached: false,
    processors: 2,
    rows: [{ name: 'boot', ratio: 3, verdict: 'pass' }],
  })
})

t.test("systemd's timestamps give the start of a unit with microseconds", async (t) => {
  const text = `ExecMainStartTimestamp=Sat 2026-11-21 10:23:19.123456 UTC
ExecMainStartTimestampMonotonic=41234567
`
  t.same(parseUnitStart(text), {
    monotonicUs: 41_234_567,
    clockUs: Date.UTC(2026, 10, 21, 10, 23, 19) * 1000 + 123_456,
  })
  t.equal(parseUnitStart('ExecMainStartTimestamp=\nExecMainStartTimestampMonotonic=0\n'), null)
})

t.test("the guest's memory is what is resident of QEMU's largest mapping", async (t) => {
  const smaps = `55d0c0000000-55d0c0400000 r-xp 00000000 fd:00 12 /usr/bin/qemu-system-x86_64
Size:               4096 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:                2048 kB
Pss:                2048 kB
VmFlags: rd ex mr mw me sd
7f3a00000000-7f3a5c000000 rw-p 00000000 00:00 0
Size:            1507328 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:             1507000 kB
Pss:             1507000 kB
VmFlags: rd wr mr mw me ac sd
`
  t.equal(residentOfLargestMapping(smaps), 1_507_000)
  t.throws(() => residentOfLargestMapping(''), /No mapping/)
})

t.test('a field of meminfo or status that is missing is an error, not zero', async (t) => {
  t.equal(kibibytes('VmRSS:\t   61440 kB\nRssAnon:\t   14000 kB\n', 'RssAnon'), 14_000)
  t.throws(() => kibibytes('VmRSS:\t   61440 kB\n', 'RssAnon'), /RssAnon is missing/)
})
