import type { Machine } from '../host/machine.ts'

export { connectApi } from './connect.ts'
export type { Api, CartridgeInfo, JobInfo, Moment, RecoveryApi, Status, TimelineInfo } from './contract.ts'
export { asDeskvisorError, errorOf, type Failure, failureOf } from './failure.ts'
export { localApi } from './local.ts'
export { readStatus } from './status.ts'

/** See serve.ts; loaded when it is used. */
export async function serve(machine: Machine): Promise<void> {
  const room = await import('./serve.ts')
  return room.serve(machine)
}

/** See openapi.ts; loaded when it is used. */
export async function openApiDocument(): Promise<Record<string, unknown>> {
  const room = await import('./openapi.ts')
  return room.openApiDocument()
}
