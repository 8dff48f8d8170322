import { desktopState } from '../../host/desktop-state.ts'
import {
  deleteSnapshot,
  describeSnapshot,
  measureSizes,
  readRetentionPlan,
  readTimeline,
} from '../../snapshots/index.ts'
import { measureLater } from '../measure-later.ts'
import type { Operations } from '../operation.ts'
import { changeOfOne } from '../turns.ts'

export const timelineOperations = {
  async timeline(service, { cartridge }) {
    const { playing } = await desktopState(service.machine)
    const known = readTimeline(service.machine, cartridge, playing?.state ?? null)
    measureLater(service, known)
    return known
  },
  retentionPlan: ({ machine }, { cartridge }) => readRetentionPlan(machine, cartridge),
  // It changes no snapshot, so nothing need wait for it.
  measureSizes(service, { cartridge }) {
    readTimeline(service.machine, cartridge)
    return service.jobs.start('measureSizes', `Measuring the moments of ${cartridge}`, (context) => {
      context.say('The space that each moment needs is counted.')
      return measureSizes(service.machine, cartridge, {
        onProgress: context.progress,
        signal: context.signal,
      })
    })
  },
  describeSnapshot: changeOfOne((machine, { cartridge, snapshot, ...change }) =>
    describeSnapshot(machine, cartridge, snapshot, change),
  ),
  deleteSnapshot: changeOfOne((machine, { cartridge, snapshot }) =>
    deleteSnapshot(machine, cartridge, snapshot),
  ),
} satisfies Partial<Operations>
