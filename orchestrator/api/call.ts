import { knownName } from '../cartridges/index.ts'
import { asObject } from '../host/objects.ts'
import { Background } from './background.ts'
import type { TimeMachineApi } from './contract.ts'
import { desktopOf } from './desktop.ts'
import { Jobs } from './jobs.ts'
import { inputOf, type Machine, type Operation } from './operation.ts'
import { type OperationName, operations } from './operations.ts'
import { Queue } from './queue.ts'
import { checkedInput } from './validate.ts'

/** Every operation by name, for those who find them by what they are called. */
export const operationTable: Readonly<Record<OperationName, Operation>> = operations as never

export function machineAt(root: string, options: { daemon: boolean }): Machine {
  return {
    root,
    jobs: new Jobs(root),
    queue: new Queue(),
    background: new Background(),
    desktop: desktopOf(root),
    ...options,
  }
}

/** Checks the input and does the operation, on the cartridge that is meant, whatever the case its name was typed in. */
export async function carryOut(machine: Machine, name: OperationName, input: unknown): Promise<unknown> {
  const { takes, run } = operationTable[name]
  const checked = checkedInput(takes, input)
  const { cartridge } = asObject(checked)
  if (typeof cartridge !== 'string') return run(machine, checked)
  return run(machine, { ...checked, cartridge: meant(machine.root, cartridge) })
}

/** What is no name of a cartridge stays as it is: the room whose work it is has the right words for that. */
function meant(root: string, cartridge: string): string {
  try {
    return knownName(root, cartridge)
  } catch {
    return cartridge
  }
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
