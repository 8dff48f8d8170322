export type { RecoveryApi, Status } from './contract.ts'
export { localApi } from './local.ts'
export { readStatus } from './status.ts'
