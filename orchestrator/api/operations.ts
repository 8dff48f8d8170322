import type { Api } from './contract.ts'
import type { Service } from './operation.ts'
import { cartridgeOperations } from './operations/cartridges.ts'
import { jobOperations } from './operations/jobs.ts'
import { machineOperations } from './operations/machine.ts'
import { newCartridgeOperations } from './operations/new-cartridges.ts'
import { timeMachineOperations } from './operations/time-machine.ts'
import { timelineOperations } from './operations/timeline.ts'
import { trashOperations } from './operations/trash.ts'

/** followJob is not asked and answered but goes on: see events.ts. */
export type OperationName = Exclude<keyof Api, 'followJob'>

/** What the contract promises is what the operation of that name gives. */
type Kept = {
  [Name in OperationName]: { run: (service: Service, input: never) => Awaitable<ReturnType<Api[Name]>> }
}
type Awaitable<Promised> = Promised | Awaited<Promised>

/** Every operation: the one source of the daemon's routes, its clients, and the OpenAPI document. */
export const operations = {
  ...machineOperations,
  ...cartridgeOperations,
  ...newCartridgeOperations,
  ...trashOperations,
  ...timelineOperations,
  ...timeMachineOperations,
  ...jobOperations,
} satisfies Kept
