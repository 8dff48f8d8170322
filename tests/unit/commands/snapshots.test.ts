import t from 'tap'
import { snapshotRows } from '../../../orchestrator/commands/snapshot/snapshot-rows.ts'
import { age, localTime } from '../../../orchestrator/commands/when.ts'
import { snapshot } from '../fixtures/time-machine.ts'

process.env.TZ = 'America/Los_Angeles'
const now = Date.parse('2026-11-20T21:05:00Z')
const day = 24 * 60 * 60_000

function taken(takenAt: string, change: Parameters<typeof snapshot>[1] = {}) {
  const kind = change?.kind ?? 'hourly'
  return snapshot(0, { osLabel: null, ...change, takenAt, name: `${takenAt.slice(0, 19)}Z-${kind}` })
}

t.test('ages in words and times of this computer', async (t) => {
  for (const [then, words, local] of [
    ['2026-11-20T21:04:50Z', 'just now', '20 Nov 13:04'],
    ['2026-11-20T20:21:00Z', '44 min', '20 Nov 12:21'],
    ['2026-11-20T20:05:00Z', '1 hour', '20 Nov 12:05'],
    ['2026-11-18T03:00:00Z', '3 days', '17 Nov 19:00'],
    ['2026-10-31T21:00:00Z', '3 weeks', '31 Oct 14:00'],
    ['2025-11-20T21:05:00Z', '12 months', '20 Nov 2025'],
    ['2021-01-01T00:00:00Z', '6 years', '31 Dec 2020'],
    ['2026-11-20T23:05:00Z', 'in future', '20 Nov 15:05'],
    ['never', 'unknown', '-'],
  ] as const) {
    t.equal(age(then, now), words)
    t.equal(localTime(then, now), local)
  }
})

t.test('the list says when, how old and why, on 80 columns', async (t) => {
  const text = snapshotRows(
    [
      taken('2026-11-20T20:05:03Z', { kind: 'before-rollback', exclusiveBytes: 1023 * 2 ** 20 }),
      taken('2026-11-20T20:05:01Z', { healthy: true, pinned: true, note: 'the one that printed '.repeat(9) }),
      taken(new Date(now - 360 * day).toISOString(), {
        kind: 'before-update',
        osLabel: '\u001b[2JBazzite 42',
      }),
    ],
    now,
  )
  const lines = text.trimEnd().split('\n')
  t.match(lines.slice(0, 5), [
    /^SNAPSHOT +LOCAL TIME +AGE +KIND +ONLY IT +WRITTEN$/,
    /^2026-11-20T20:05:03Z +20 Nov 12:05 +1 hour +before-rollback +1\.0 GiB +1\.5 GiB$/,
    /^2026-11-20T20:05:01Z +20 Nov 12:05 +1 hour +hourly /,
    /^ {4}known good, pinned, the one that printed/,
    /^ {4}printed the one/,
  ])
  t.match(lines.at(-2), /^2025-11-25T21:05 +25 Nov 2025 +12 months +before-update /)
  t.equal(lines.at(-1), '    [2JBazzite 42')
  for (const line of lines) t.ok(line.length <= 80, line)
})

t.test('the beginning of a name is enough to type, and not longer than it must be', async (t) => {
  const text = snapshotRows([taken('2026-11-20T20:05:03Z', { kind: 'before-rollback' })], now)
  t.match(text, /^2026-11-20T20:05 {2}/m)
  for (const line of text.trimEnd().split('\n')) t.ok(line.length <= 80, line)
  const same = snapshotRows(
    [taken('2026-11-20T20:05:03Z', { kind: 'boot' }), taken('2026-11-20T20:05:03Z', { kind: 'manual' })],
    now,
  )
  t.match(same, /^2026-11-20T20:05:03Z-boot .*\n2026-11-20T20:05:03Z-manual /m)
  t.match(snapshotRows([snapshot(0, { name: 'by hand' })], now), /^by hand /m)
})
