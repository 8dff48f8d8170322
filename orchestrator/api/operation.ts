import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import type { Background } from './background.ts'
import type { Answer, Input } from './contract/api.ts'
import type { Description } from './contract/operation.ts'
import type { OperationName } from './contract/operations.ts'
import type { DaemonLog } from './daemon-log.ts'
import type { Desktop } from './desktop.ts'
import type { Jobs } from './jobs.ts'
import type { Queue } from './queue.ts'

/** What an operation works on. */
export type Service = {
  machine: Machine
  jobs: Jobs
  /** One change of a cartridge at a time; the key is its name. */
  queue: Queue
  /** What goes on unasked. */
  background: Background
  desktop: Desktop
  /** This process stays, so it may go on measuring after an answer; standard input and output are not the caller's. */
  daemon: boolean
  /** Tells the journal who did what; null where a person sees the answer, at the command line. */
  log: DaemonLog | null
}

/** What does an operation, on input that was checked. */
export type Operation<Takes, Gives> = (service: Service, input: Takes) => Promise<Gives> | Gives

export type Operations<Name extends OperationName = OperationName> = {
  [Each in Name]: Operation<Input<Each>, Answer<Each>>
}

/** The arguments of a call as one object by name; what is undefined is left out. */
export function inputOf(described: Pick<Description, 'arguments'>, args: readonly unknown[]): unknown {
  const entries = described.arguments.flatMap((name, index): [string, unknown][] => {
    const value = args[index]
    if (name !== '*') return [[name, value]]
    return Object.entries(asObject(value))
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}
