import Type from 'typebox'
import { operation } from '../operation.ts'
import { job, jobId } from '../schemas.ts'

const group = 'Jobs'
const one = Type.Object({ id: jobId }, { additionalProperties: false })

export const jobOperations = {
  jobs: operation({
    group,
    summary: 'Long work of this boot, newest first',
    method: 'GET',
    path: '/jobs',
    arguments: [],
    takes: Type.Object({}, { additionalProperties: false }),
    gives: Type.Array(job),
    run: ({ jobs }) => jobs.list(),
  }),
  job: operation({
    group,
    summary: 'How one job goes',
    method: 'GET',
    path: '/jobs/:id',
    arguments: ['id'],
    takes: one,
    gives: job,
    run: ({ jobs }, { id }) => jobs.get(id),
  }),
  cancelJob: operation({
    group,
    summary: 'Ask a job to end; it puts everything back first',
    method: 'DELETE',
    path: '/jobs/:id',
    arguments: ['id'],
    takes: one,
    gives: job,
    run: ({ jobs }, { id }) => jobs.cancel(id),
  }),
}
