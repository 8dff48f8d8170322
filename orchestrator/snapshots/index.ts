import type { Machine } from '../host/machine.ts'
import type { LongWork } from './types.ts'

export { prune, readRetentionPlan } from './retention/prune.ts'
export { planRetention, type RetentionFacts } from './retention/retention.ts'
export { expectRollBack, expectUndo, rollBack, undoRollBack } from './roll-back/roll-back.ts'
export { changeGolden, type GoldenChange } from './start/golden.ts'
export { markHealthy } from './start/healthy.ts'
export { prepareStart } from './start/start.ts'
export { type TakeOptions, takeSnapshot } from './take/take.ts'
export { deleteSnapshot, describeSnapshot } from './timeline/edit.ts'
export { readTimeline } from './timeline/timeline.ts'
export { armTry, dropTry, keepTry, tryCrashed, tryLoggedOut } from './try/try.ts'
export type {
  Consistency,
  Quiesce,
  RetentionPlan,
  RetentionPolicy,
  Snapshot,
  Timeline,
  TryPhase,
} from './types.ts'

/** See measure.ts; loaded when it is used, because every boot loads this file. */
export async function measureSizes(machine: Machine, name: string, work?: LongWork) {
  const room = await import('./timeline/measure.ts')
  return room.measureSizes(machine, name, work)
}

/** See room.ts; loaded when space is short, or once a day. */
export async function makeRoomForSnapshots(machine: Machine) {
  const room = await import('./retention/room.ts')
  return room.makeRoomForSnapshots(machine)
}

export async function pruneOthers(machine: Machine, except: string) {
  const room = await import('./retention/room.ts')
  return room.pruneOthers(machine, except)
}
