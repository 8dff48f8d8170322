import type { SnapshotKind } from './kinds.ts'

/** How whole the files in the guest are: the machine was off, its filesystems were frozen, or as after a power cut. */
export type Consistency = 'offline' | 'frozen' | 'crash-consistent'

/** A read-only snapshot of a whole cartridge: disk, UEFI variables and TPM together. */
export type Snapshot = {
  /** Name of its folder, for example `2026-11-20T21:05:03Z-boot`. */
  name: string
  kind: SnapshotKind
  /** ISO time, UTC. */
  takenAt: string
  note: string
  /** Never removed by retention. */
  pinned: boolean
  /** A console that was started from it became healthy. */
  healthy: boolean
  consistency: Consistency
  /** Milliseconds for which the guest stood still; null when it did not run. */
  pauseMs: number | null
  /** What the guest called itself. */
  osLabel: string | null
  /** Bytes that removing this one alone would free; null until measured. */
  exclusiveBytes: number | null
  /** Bytes written between the snapshot before and this one; null until measured. */
  writtenBytes: number | null
}

export type Timeline = {
  cartridge: string
  /** Newest first. */
  snapshots: Snapshot[]
  trying: { snapshot: string; phase: TryPhase } | null
  /** The before-rollback snapshot that `undoRollBack` returns to. */
  undo: string | null
  present: Origin
}

/** Where the present came from; origin.ts. */
export type Origin = {
  /** The snapshot that it began as a copy of; null when there is none, or not any more. */
  from: string | null
  /** The start returned to it by itself, as to the golden one. */
  byReset: boolean
  /** Snapshots that were gone back to since the console was last healthy, newest going back first: none of them helped. */
  inVain: string[]
}

/** `armed`: the next start of the console plays it; `running`: the console plays it; `ended`: to be kept or dropped. */
export type TryPhase = 'armed' | 'running' | 'ended'

/**
 * Does `work` while nothing writes to the cartridge, and says how well that went. `settle` is done before, while the
 * guest goes on, and perhaps more than once: it makes the work short.
 */
export type Quiesce = <T>(
  work: () => Promise<T>,
  settle: () => Promise<void>,
) => Promise<{
  value: T
  consistency: Consistency
  pauseMs: number | null
  osLabel: string | null
}>

export type RetentionPolicy = {
  /** How many of the newest are kept; and the newest of each of so many hours, days, weeks and months. */
  last: number
  hourly: number
  daily: number
  weekly: number
  monthly: number
}

/** Every snapshot is in one of the three. */
export type RetentionPlan = {
  keep: { name: string; reasons: string[] }[]
  /** What goes for certain. */
  remove: { name: string; reason: string }[]
  /** What goes after that, in this order and one at a time, as long as too little is free. */
  ifNeeded: { name: string; reason: string }[]
}

/** Progress and end of long work. */
export type LongWork = { onProgress?: (done: number, total: number) => void; signal?: AbortSignal }
