import { knownName } from '../cartridges/index.ts'
import type { TimeMachineApi } from './contract.ts'
import { Jobs } from './jobs.ts'
import { inputOf, type Machine, type Operation } from './operation.ts'
import { type OperationName, operations } from './operations.ts'
import { Queue } from './queue.ts'
import { checkedInput } from './validate.ts'

/** Every operation by name, for those who find them by what they are called. */
export const operationTable: Readonly<Record<OperationName, Operation>> = operations as never

export function machineAt(root: string, options: { daemon: boolean }): Machine {
  return { root, jobs: new Jobs(root), queue: new Queue(), ...options }
}

/** Checks the input and does the operation. */
export async function carryOut(machine: Machine, name: OperationName, input: unknown): Promise<unknown> {
  const { takes, run } = operationTable[name]
  return run(machine, withKnownName(machine.root, checkedInput(takes, input)))
}

/**
 * An operating system is called \`cartridge\` wherever it is meant to be there. Whatever the case or the Unicode form that
 * was typed, every operation gets its exact name.
 */
function withKnownName(root: string, input: Record<string, unknown>): Record<string, unknown> {
  const { cartridge } = input
  return typeof cartridge === 'string' ? { ...input, cartridge: knownName(root, cartridge) } : input
}

export type Caller = {
  call(name: OperationName, args: readonly unknown[]): Promise<unknown>
  followJob: TimeMachineApi['followJob']
}

/** Operations done by this process itself, checked as the daemon checks them. */
export function ownCaller(machine: Machine): Caller {
  return {
    call: (name, args) => carryOut(machine, name, inputOf(operationTable[name], args)),
    followJob: (id, onChange, signal) => machine.jobs.follow(id, onChange, signal),
  }
}
