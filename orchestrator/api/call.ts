import { knownName } from '../cartridges/index.ts'
import { sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { Background } from './background.ts'
import type { TimeMachineApi } from './contract.ts'
import type { DaemonLog } from './daemon-log.ts'
import { desktopOf } from './desktop.ts'
import { Jobs } from './jobs.ts'
import { inputOf, type Operation, type Service } from './operation.ts'
import { type OperationName, operations } from './operations.ts'
import { Queue } from './queue.ts'
import { checkedInput } from './validate.ts'

/** Every operation by name, for those who find them by what they are called. */
export const operationTable: Readonly<Record<OperationName, Operation>> = operations as never

export function serviceAt(
  machine: Machine,
  { daemon, log = null }: { daemon: boolean; log?: DaemonLog | null },
): Service {
  return {
    machine,
    jobs: new Jobs(machine, log),
    queue: new Queue(),
    background: new Background(),
    desktop: desktopOf(machine),
    daemon,
    log,
  }
}

/** Checks the input and does the operation, on the cartridge that is meant, whatever the case its name was typed in. */
export async function carryOut(service: Service, name: OperationName, input: unknown): Promise<unknown> {
  const { takes, run, method, summary } = operationTable[name]
  const checked = checkedInput(takes, input)
  const { cartridge: typed } = asObject(checked)
  const named = typeof typed === 'string' && { cartridge: meant(service.machine, typed) }
  const whole = { ...checked, ...named }
  if (method === 'GET') return run(service, whole)
  const about = { operation: name, ...named }
  try {
    const answer = await run(service, whole)
    service.log?.info({ ...about, ...jobOf(answer) }, `${summary}.`)
    return answer
  } catch (error) {
    service.log?.error(about, `${summary}: ${sentenceOf(error)}`)
    throw error
  }
}

/** The job that an operation answered with, if it did. */
function jobOf(answer: unknown): { job?: string } {
  const { id, kind } = asObject(answer)
  return typeof id === 'string' && typeof kind === 'string' ? { job: id } : {}
}

/** What is no name of a cartridge stays as it is: the room whose work it is has the right words for that. */
function meant(machine: Machine, cartridge: string): string {
  try {
    return knownName(machine, cartridge)
  } catch {
    return cartridge
  }
}

export type Caller = {
  call(name: OperationName, args: readonly unknown[]): Promise<unknown>
  followJob: TimeMachineApi['followJob']
}

/** Operations done by this process itself, checked as the daemon checks them. */
export function ownCaller(service: Service): Caller {
  return {
    call: (name, args) => carryOut(service, name, inputOf(operationTable[name], args)),
    followJob: (id, onChange, signal) => service.jobs.follow(id, onChange, signal),
  }
}
