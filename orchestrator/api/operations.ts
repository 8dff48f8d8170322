import type { Operations } from './operation.ts'
import { cartridgeOperations } from './operations/cartridges.ts'
import { jobOperations } from './operations/jobs.ts'
import { machineOperations } from './operations/machine.ts'
import { newCartridgeOperations } from './operations/new-cartridges.ts'
import { timeMachineOperations } from './operations/time-machine.ts'
import { timelineOperations } from './operations/timeline.ts'
import { trashOperations } from './operations/trash.ts'

/** What does each operation of the contract. */
export const operations: Operations = {
  ...machineOperations,
  ...cartridgeOperations,
  ...newCartridgeOperations,
  ...trashOperations,
  ...timelineOperations,
  ...timeMachineOperations,
  ...jobOperations,
}
