import type { Machine } from '../host/machine.ts'

/** The door of the room: all that the menu and the commands use of it. */
export { DeskvisorError, sentenceOf } from '../host/errors.ts'
export { type NextStep, sentenceFor } from '../host/next-step.ts'
export { isTakenByItself, parseName as parseSnapshotName } from '../snapshots/kinds.ts'
export { connectApi } from './connect.ts'
export type { Api, RecoveryApi } from './contract/api.ts'
export type { Failure, JobInfo } from './contract/job.ts'
export type { Snapshot, SnapshotKind, TimelineInfo } from './contract/snapshots.ts'
export type { Status } from './contract/status.ts'
export type { CartridgeInfo, ImportSource, TrashedCartridge } from './contract/systems.ts'
export { asDeskvisorError, errorOf, failureOf } from './failure.ts'
export { localApi } from './local.ts'
export { readStatus } from './status.ts'

/** See serve.ts; loaded when it is used. */
export async function serve(machine: Machine): Promise<void> {
  const room = await import('./serve.ts')
  return room.serve(machine)
}

/** The contract as an OpenAPI 3.1 document; contract/openapi.ts makes it, when Deskvisor is built. */
export async function openApiDocument(): Promise<object> {
  const generated = await import('./openapi.generated.mjs')
  return generated.openApiDocument
}
