import type { RetentionPlan, RetentionPolicy, Snapshot } from '../types.ts'

export type RetentionFacts = {
  now: Date
  /** What there is too little of, as a clause (space/floor.ts); null when that is no reason to remove anything. */
  lack: string | null
  /** Snapshots that something else needs, and what. */
  protect: Readonly<Record<string, string>>
  /** The one of those that goes after everything else when too little is free: where undoing a going back leads. */
  undo?: string | null
}

/**
 * Which snapshots (newest first) stay and why, in the manner of restic's `forget`: one that any rule keeps is kept. The
 * rules count snapshots, and the hours, days, weeks and months that have any, back from the newest: so a clock that is
 * wrong loses nothing. What lies in the future no rule removes.
 *
 * While too little is free, the oldest go that only these rules keep. At the very last goes the one that undoing a going
 * back leads to: a desktop that works matters more than the way back to one that filled the disk. How much that frees nobody
 * knows beforehand, because snapshots share blocks: so no more than one of them is certain to go, and after that there is a
 * new plan.
 */
export function planRetention(
  snapshots: readonly Snapshot[],
  policy: RetentionPolicy,
  facts: RetentionFacts,
): RetentionPlan {
  const firm = firmReasons(snapshots, facts)
  const soft = countedReasons(snapshots, policy, facts.now)
  const isKept = ({ name }: Snapshot) => firm.has(name) || soft.has(name)
  const unwanted = snapshots.filter((snapshot) => !isKept(snapshot))
  const oldestFirst = snapshots.filter((snapshot) => isKept(snapshot) && !firm.has(snapshot.name)).reverse()
  const last = snapshots.filter(({ name }) => name === facts.undo && isLastResort(firm.get(name) ?? []))
  const expendable = facts.lack === null ? [] : [...oldestFirst, ...last]
  const certain = unwanted.length > 0 ? [] : expendable.slice(0, 1)
  const going = new Set(expendable)
  return {
    keep: snapshots
      .filter((snapshot) => isKept(snapshot) && !going.has(snapshot))
      .map(({ name }) => ({ name, reasons: [...(firm.get(name) ?? []), ...(soft.get(name) ?? [])] })),
    remove: [
      ...unwanted.map(({ name }) => ({ name, reason: 'no rule keeps it' })),
      ...certain.map(({ name }) => ({
        name,
        reason: `${facts.lack}, and ${name === facts.undo ? 'nothing else can go' : 'it is the oldest'}`,
      })),
    ],
    ifNeeded: expendable.slice(certain.length).map(({ name }) => ({
      name,
      reason: 'goes if that is not enough',
    })),
  }
}

const newestReason = 'newest'
/** The reason by which protect.ts keeps what undoing a going back leads to. */
export const undoReason = 'undo returns to it'

/** Whether nothing else keeps what undoing leads to; right after a going back it is the newest as well. */
function isLastResort(reasons: readonly string[]): boolean {
  return reasons.every((reason) => reason === newestReason || reason === undoReason)
}

/** Reasons that hold whatever the policy says and however little is free. */
function firmReasons(
  snapshots: readonly Snapshot[],
  { now, protect }: RetentionFacts,
): Map<string, string[]> {
  const future = now.toISOString()
  const newest = snapshots[0]
  const newestOfPast = snapshots.find(({ takenAt }) => takenAt <= future)
  const knownGood = snapshots.find(({ healthy }) => healthy)
  return collect(snapshots, (snapshot) => [
    snapshot.pinned && 'pinned',
    (snapshot === newest || snapshot === newestOfPast) && newestReason,
    snapshot === knownGood && 'last known good',
    Object.hasOwn(protect, snapshot.name) && (protect[snapshot.name] ?? false),
  ])
}

/**
 * The rules of the policy, and what no rule can judge because its time is wrong or the clock is. Each rule of a period
 * keeps the newest of that period.
 */
function countedReasons(
  snapshots: readonly Snapshot[],
  policy: RetentionPolicy,
  now: Date,
): Map<string, string[]> {
  const limit = now.toISOString()
  const past = snapshots.filter(({ takenAt }) => takenAt <= limit)
  const last = new Set(past.slice(0, policy.last))
  // Those of one second stay in the order in which they were taken.
  const byTime = [...past].sort((one, other) => {
    if (one.takenAt === other.takenAt) return 0
    return one.takenAt < other.takenAt ? 1 : -1
  })
  const kept = {
    hourly: newestOfEach(byTime, policy.hourly, hour),
    daily: newestOfEach(byTime, policy.daily, day),
    weekly: newestOfEach(byTime, policy.weekly, weekOf),
    monthly: newestOfEach(byTime, policy.monthly, month),
  }
  return collect(snapshots, (snapshot) => [
    snapshot.takenAt > limit && 'in the future',
    last.has(snapshot) && `one of the last ${policy.last}`,
    kept.hourly.has(snapshot) && 'last of its hour',
    kept.daily.has(snapshot) && 'last of its day',
    kept.weekly.has(snapshot) && 'last of its week',
    kept.monthly.has(snapshot) && 'last of its month',
  ])
}

function newestOfEach(
  newestFirst: readonly Snapshot[],
  count: number,
  period: (time: Date) => number,
): Set<Snapshot> {
  const newest = new Map<number, Snapshot>()
  for (const snapshot of newestFirst) {
    if (newest.size >= count) break
    const key = period(new Date(snapshot.takenAt))
    if (!newest.has(key)) newest.set(key, snapshot)
  }
  return new Set(newest.values())
}

const hour = (time: Date) => Math.floor(time.getTime() / 3_600_000)
const day = (time: Date) => Math.floor(time.getTime() / 86_400_000)
/** 1 January 1970 was a Thursday, and weeks begin on Monday (ISO 8601). */
export const weekOf = (time: Date) => Math.floor((day(time) + 3) / 7)
const month = (time: Date) => time.getUTCFullYear() * 12 + time.getUTCMonth()

function collect(
  snapshots: readonly Snapshot[],
  reasonsOf: (snapshot: Snapshot) => (string | false)[],
): Map<string, string[]> {
  return new Map(
    snapshots.flatMap((snapshot) => {
      const reasons = reasonsOf(snapshot).filter((reason) => reason !== false)
      return reasons.length > 0 ? [[snapshot.name, reasons] as const] : []
    }),
  )
}
