import type { Static } from 'typebox'
import type { JobInfo } from './job.ts'
import type { OperationName, Operations } from './operations.ts'

/** All that an operation gets, by name. */
export type Input<Name extends OperationName> = Static<Operations[Name]['takes']>

export type Answer<Name extends OperationName> = Static<Operations[Name]['gives']>

/** The arguments of a call: what is named, and the rest as an object, which may be left out where all of it may. */
type Arguments<Names, Rest> = Names extends readonly [infer Name, ...infer Others]
  ? Name extends keyof Rest
    ? [Rest[Name], ...Arguments<Others, Omit<Rest, Name>>]
    : Record<never, never> extends Rest
      ? [options?: Rest]
      : [request: Rest]
  : []

type Client = {
  [Name in OperationName]: (
    ...given: Arguments<Operations[Name]['arguments'], Input<Name>>
  ) => Promise<Answer<Name>>
}

/**
 * The one contract between the menu (or the command line) and the machine: a method for each operation. Every failure is a
 * DeskvisorError: a stable code, a sentence for people, and what to do next. Whatever gives a job resolves with it as it was
 * accepted; followJob tells how it goes.
 */
export type Api = Client & {
  /** Calls `onChange` with the job as it is and whenever it changed; resolves when it ended. An aborted signal only ends the following. */
  followJob(id: string, onChange: (job: JobInfo) => void, signal?: AbortSignal): Promise<JobInfo>
}

/** What the menu can ask of the machine itself. */
export type RecoveryApi = Pick<Api, 'status' | 'startDesktop' | 'logs' | 'restart' | 'powerOff'>
