import { consoleCartridge } from '../../console/index.ts'
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
  async timeline(machine, { cartridge }) {
    const playing = await consoleCartridge(machine.root)
    const known = readTimeline(machine.root, cartridge, playing?.state ?? null)
    measureLater(machine, known)
    return known
  },
  retentionPlan: ({ root }, { cartridge }) => readRetentionPlan(root, cartridge),
  // It changes no moment, so nothing need wait for it.
  measureSizes(machine, { cartridge }) {
    readTimeline(machine.root, cartridge)
    return machine.jobs.start('measureSizes', `Measuring the moments of ${cartridge}`, (told) => {
      told.say('The space that each moment needs is counted.')
      return measureSizes(machine.root, cartridge, { onProgress: told.progress, signal: told.signal })
    })
  },
  describeSnapshot: changeOfOne((root, { cartridge, snapshot, ...change }) =>
    describeSnapshot(root, cartridge, snapshot, change),
  ),
  deleteSnapshot: changeOfOne((root, { cartridge, snapshot }) => deleteSnapshot(root, cartridge, snapshot)),
} satisfies Partial<Operations>
