import Type from 'typebox'
import { cartridgeName, note, snapshotKind, snapshotName, yesOrNo } from '../inputs.ts'
import { job } from '../job.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'
import { retentionPlan, timeline } from '../snapshots.ts'

const group = 'Timeline'
const one = closed({ cartridge: cartridgeName })
const snapshotOfOne = closed({ cartridge: cartridgeName, snapshot: snapshotName })

export const timelineOperations = {
  timeline: {
    group,
    summary: 'The moments of an operating system, newest first',
    method: 'GET',
    path: '/cartridges/:cartridge/timeline',
    arguments: ['cartridge'],
    takes: one,
    gives: timeline,
  },
  retentionPlan: {
    group,
    summary: 'What pruning would keep and why, and what it would delete',
    method: 'GET',
    path: '/cartridges/:cartridge/retention-plan',
    arguments: ['cartridge'],
    takes: one,
    gives: retentionPlan,
  },
  takeSnapshot: {
    group,
    summary: 'Keep the present as a moment',
    method: 'POST',
    path: '/cartridges/:cartridge/snapshots',
    arguments: ['cartridge', '*'],
    takes: closed({
      cartridge: cartridgeName,
      kind: Type.Optional(snapshotKind),
      note: Type.Optional(note),
      onlyIfWritten: Type.Optional(yesOrNo),
    }),
    gives: job,
  },
  describeSnapshot: {
    group,
    summary: 'Write a note about a moment, pin or unpin it',
    method: 'PATCH',
    path: '/cartridges/:cartridge/snapshots/:snapshot',
    arguments: ['cartridge', 'snapshot', '*'],
    takes: closed({
      cartridge: cartridgeName,
      snapshot: snapshotName,
      note: Type.Optional(note),
      pinned: Type.Optional(yesOrNo),
    }),
    gives: Type.Void(),
  },
  deleteSnapshot: {
    group,
    summary: 'Delete a moment for ever',
    method: 'DELETE',
    path: '/cartridges/:cartridge/snapshots/:snapshot',
    arguments: ['cartridge', 'snapshot'],
    takes: snapshotOfOne,
    gives: Type.Void(),
  },
  measureSizes: {
    group,
    summary: 'Measure the sizes of moments that are not known, or not right any more',
    description: 'The result names what `failed`.',
    method: 'POST',
    path: '/cartridges/:cartridge/measure',
    arguments: ['cartridge'],
    takes: one,
    gives: job,
  },
  prune: {
    group,
    summary: 'Delete the moments that the rules for keeping do not keep',
    method: 'POST',
    path: '/cartridges/:cartridge/prune',
    arguments: ['cartridge'],
    takes: one,
    gives: job,
  },
  makeRoom: {
    group,
    summary: 'Delete what is expendable of all operating systems, while less is free than must stay free',
    description: 'The result says whether that was `enough`.',
    method: 'POST',
    path: '/make-room',
    arguments: [],
    takes: closed({}),
    gives: job,
  },
} as const satisfies Descriptions
