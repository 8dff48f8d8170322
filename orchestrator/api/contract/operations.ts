import { goingBackOperations } from './operations/going-back.ts'
import { jobOperations } from './operations/jobs.ts'
import { machineOperations } from './operations/machine.ts'
import { newSystemOperations } from './operations/new-systems.ts'
import { systemOperations } from './operations/systems.ts'
import { timelineOperations } from './operations/timeline.ts'

/**
 * Every operation: the one source of the daemon's routes, the checks of what is asked, the client's type and methods, and
 * the OpenAPI document. `node build.mjs generate` makes of it what a running program needs, so that typebox is not loaded.
 */
export const operations = {
  ...machineOperations,
  ...systemOperations,
  ...newSystemOperations,
  ...timelineOperations,
  ...goingBackOperations,
  ...jobOperations,
}

export type Operations = typeof operations
export type OperationName = keyof Operations
