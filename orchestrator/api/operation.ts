import type { Static, TObject, TSchema } from 'typebox'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import type { Background } from './background.ts'
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

export type Operation<Takes extends TObject = TObject, Gives extends TSchema = TSchema> = {
  /** How OpenAPI groups it. */
  group: 'Machine' | 'Operating systems' | 'Timeline' | 'Jobs'
  summary: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As fastify writes it; `:name` is one of what it takes. */
  path: string
  /** Names of the method's arguments in the contract, in order; `*` is an object with all that is not named before. */
  arguments: readonly string[]
  /** Every input by its name. Where the path does not name it, it is in the query (GET, DELETE) or in the JSON body. */
  takes: Takes
  gives: Gives
  run(service: Service, input: Static<Takes>): Promise<Static<Gives>> | Static<Gives>
}

/** Lets TypeScript see what `run` gets and must give. */
export function operation<Takes extends TObject, Gives extends TSchema>(
  described: Operation<Takes, Gives>,
): Operation<Takes, Gives> {
  return described
}

export type Place = 'path' | 'query' | 'body'

/** Where an input travels. */
export function placeOf({ method, path }: Pick<Operation, 'method' | 'path'>, name: string): Place {
  if (path.split('/').includes(`:${name}`)) return 'path'
  return method === 'GET' || method === 'DELETE' ? 'query' : 'body'
}

/** The arguments of a call as one object by name; what is undefined is left out. */
export function inputOf(described: Pick<Operation, 'arguments'>, args: readonly unknown[]): unknown {
  const entries = described.arguments.flatMap((name, index): [string, unknown][] => {
    const value = args[index]
    if (name !== '*') return [[name, value]]
    return Object.entries(asObject(value))
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}
