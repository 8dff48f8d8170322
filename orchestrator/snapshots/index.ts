import type { LongWork } from './types.ts'

export { deleteSnapshot, describeSnapshot } from './edit.ts'
export { changeGolden, type GoldenChange } from './golden.ts'
export { markHealthy } from './healthy.ts'
export { prune, readRetentionPlan } from './prune.ts'
export { planRetention, type RetentionFacts } from './retention.ts'
export { expectRollBack, expectUndo, rollBack, undoRollBack } from './roll-back.ts'
export { prepareStart } from './start.ts'
export { type TakeOptions, takeSnapshot } from './take.ts'
export { readTimeline } from './timeline.ts'
export { armTry, dropTry, keepTry, tryCrashed, tryLoggedOut } from './try.ts'
export {
  type Consistency,
  type Quiesce,
  type RetentionPlan,
  type RetentionPolicy,
  type Snapshot,
  type SnapshotKind,
  snapshotKinds,
  type Timeline,
  type TryPhase,
} from './types.ts'

/** See measure.ts; loaded when it is used, because every boot loads this file. */
export async function measureSizes(root: string, name: string, work?: LongWork) {
  const room = await import('./measure.ts')
  return room.measureSizes(root, name, work)
}

/** See room.ts; loaded when space is short, or once a day. */
export async function makeRoomForMoments(root: string) {
  const room = await import('./room.ts')
  return room.makeRoomForMoments(root)
}

export async function pruneOthers(root: string, except: string) {
  const room = await import('./room.ts')
  return room.pruneOthers(root, except)
}
