import Type from 'typebox'
import { jobId } from '../inputs.ts'
import { job } from '../job.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'

const group = 'Jobs'

export const jobOperations = {
  jobs: {
    group,
    summary: 'Long work of this boot, newest first',
    method: 'GET',
    path: '/jobs',
    arguments: [],
    takes: closed({}),
    gives: Type.Array(job),
  },
  job: {
    group,
    summary: 'How one job goes',
    method: 'GET',
    path: '/jobs/:id',
    arguments: ['id'],
    takes: closed({ id: jobId }),
    gives: job,
  },
  cancelJob: {
    group,
    summary: 'Ask a job to end; it puts everything back first',
    description: 'It becomes `cancelled` when it has.',
    method: 'DELETE',
    path: '/jobs/:id',
    arguments: ['id'],
    takes: closed({ id: jobId }),
    gives: job,
  },
} as const satisfies Descriptions
