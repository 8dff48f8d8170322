import Type from 'typebox'
import { desktopState } from '../../host/desktop-state.ts'
import {
  deleteSnapshot,
  describeSnapshot,
  measureSizes,
  readRetentionPlan,
  readTimeline,
} from '../../snapshots/index.ts'
import { measureLater } from '../measure-later.ts'
import { operation } from '../operation.ts'
import { cartridgeName, job, momentName, note, retentionPlan, timeline, yesOrNo } from '../schemas.ts'
import { changeOfOne } from '../turns.ts'

const group = 'Timeline'
const closed = { additionalProperties: false }
const one = Type.Object({ cartridge: cartridgeName }, closed)
const momentOfOne = Type.Object({ cartridge: cartridgeName, snapshot: momentName }, closed)

export const timelineOperations = {
  timeline: operation({
    group,
    summary: 'The moments of an operating system, newest first',
    method: 'GET',
    path: '/cartridges/:cartridge/timeline',
    arguments: ['cartridge'],
    takes: one,
    gives: timeline,
    async run(service, { cartridge }) {
      const { playing } = await desktopState(service.machine)
      const known = readTimeline(service.machine, cartridge, playing?.state ?? null)
      measureLater(service, known)
      return known
    },
  }),
  retentionPlan: operation({
    group,
    summary: 'What pruning would keep and why, and what it would delete',
    method: 'GET',
    path: '/cartridges/:cartridge/retention-plan',
    arguments: ['cartridge'],
    takes: one,
    gives: retentionPlan,
    run: ({ machine }, { cartridge }) => readRetentionPlan(machine, cartridge),
  }),
  measureSizes: operation({
    group,
    summary: 'Measure the sizes of moments that are not known, or not right any more',
    method: 'POST',
    path: '/cartridges/:cartridge/measure',
    arguments: ['cartridge'],
    takes: one,
    gives: job,
    // It changes no moment, so nothing need wait for it.
    run(service, { cartridge }) {
      readTimeline(service.machine, cartridge)
      return service.jobs.start('measureSizes', `Measuring the moments of ${cartridge}`, (told) => {
        told.say('The space that each moment needs is counted.')
        return measureSizes(service.machine, cartridge, { onProgress: told.progress, signal: told.signal })
      })
    },
  }),
  describeSnapshot: changeOfOne({
    group,
    summary: 'Write a note about a moment, pin or unpin it',
    method: 'PATCH',
    path: '/cartridges/:cartridge/snapshots/:snapshot',
    arguments: ['cartridge', 'snapshot', '*'],
    takes: Type.Object(
      {
        cartridge: cartridgeName,
        snapshot: momentName,
        note: Type.Optional(note),
        pinned: Type.Optional(yesOrNo),
      },
      closed,
    ),
    work: (machine, { cartridge, snapshot, ...change }) =>
      describeSnapshot(machine, cartridge, snapshot, change),
  }),
  deleteSnapshot: changeOfOne({
    group,
    summary: 'Delete a moment for ever',
    method: 'DELETE',
    path: '/cartridges/:cartridge/snapshots/:snapshot',
    arguments: ['cartridge', 'snapshot'],
    takes: momentOfOne,
    work: (machine, { cartridge, snapshot }) => deleteSnapshot(machine, cartridge, snapshot),
  }),
}
