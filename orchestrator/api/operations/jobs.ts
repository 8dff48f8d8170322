import type { Operations } from '../operation.ts'

export const jobOperations = {
  jobs: ({ jobs }) => jobs.list(),
  job: ({ jobs }, { id }) => jobs.get(id),
  cancelJob: ({ jobs }, { id }) => jobs.cancel(id),
} satisfies Partial<Operations>
