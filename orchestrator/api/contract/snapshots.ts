import Type, { type Static } from 'typebox'
import { snapshotKind } from './inputs.ts'
import { closed, count, orNull, text, yes } from './parts.ts'

/** Why a snapshot was kept. */
export type SnapshotKind = Static<typeof snapshotKind>

export const trying = orNull(
  closed({ snapshot: text(), phase: Type.Enum(['armed', 'running', 'ended']) }),
  'a moment that is tried: at the next start, now, or it was tried and waits for "keep or drop"',
)

/** One moment of an operating system: a snapshot of disk, UEFI variables, TPM and settings together. */
const snapshot = closed({
  name: text('unique in its timeline, for example 2026-11-20T21:05:03Z-boot'),
  kind: snapshotKind,
  takenAt: text('ISO 8601, UTC'),
  note: text(),
  pinned: yes('kept until a person says otherwise'),
  healthy: yes('the desktop was healthy with exactly this state'),
  consistency: Type.Enum(['offline', 'frozen', 'crash-consistent']),
  pauseMs: orNull(
    Type.Number(),
    'milliseconds for which the desktop stood still; null when it was not running',
  ),
  osLabel: orNull(text()),
  exclusiveBytes: orNull(
    count('bytes'),
    'what deleting this moment alone would free; null until it was measured',
  ),
  writtenBytes: orNull(
    count('bytes'),
    'what was written since the moment before; null until it was measured',
  ),
})

export type Snapshot = Static<typeof snapshot>

export const timeline = closed({
  cartridge: text(),
  snapshots: Type.Array(snapshot, { description: 'newest first' }),
  trying,
  undo: orNull(text(), 'the moment that undo returns to: the present before the last rolling back'),
  present: closed({
    from: orNull(
      text(),
      'the moment that the present began as a copy of; null when there is none, or not any more',
    ),
    byReset: yes('a start returned to it by itself, because every start does'),
    inVain: Type.Array(text(), {
      description:
        'moments that somebody went back to since the desktop was last healthy, the last one first: none of them helped',
    }),
  }),
})

export type TimelineInfo = Static<typeof timeline>

export const retentionPlan = closed({
  keep: Type.Array(closed({ name: text(), reasons: Type.Array(text()) })),
  remove: Type.Array(closed({ name: text(), reason: text() }), { description: 'what goes for certain' }),
  ifNeeded: Type.Array(closed({ name: text(), reason: text() }), {
    description: 'what goes after that, in this order and one at a time, as long as too little is free',
  }),
})

export type RetentionPlan = Static<typeof retentionPlan>
