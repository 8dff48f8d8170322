import { readCartridge } from '../../cartridges/index.ts'
import { consoleCartridge, quiesceConsole } from '../../console/index.ts'
import {
  armTry,
  dropTry,
  expectRollBack,
  expectUndo,
  keepTry,
  makeRoomForMoments,
  prune,
  pruneOthers,
  rollBack,
  takeSnapshot,
  undoRollBack,
} from '../../snapshots/index.ts'
import { isTakenByItself } from '../../snapshots/kinds.ts'
import { withConsoleEnded } from '../console-ended.ts'
import type { Told } from '../jobs.ts'
import type { Machine, Operations } from '../operation.ts'
import { changeAsJob, changeOfOne } from '../turns.ts'

export const timeMachineOperations = {
  rollBack(machine, { cartridge, snapshot, force = false }) {
    const title = { title: `Taking ${cartridge} back to ${snapshot}`, moment: snapshot }
    return changeAsJob(machine, 'rollBack', cartridge, title, async (told) => {
      await expectRollBack(machine.root, cartridge, snapshot)
      return whileEnded(machine, { cartridge, force, told }, () => {
        told.say('What there is now is kept, and the earlier moment takes its place.')
        return rollBack(machine.root, cartridge, snapshot, follow(told))
      })
    })
  },
  undo: (machine, { cartridge, force = false }) =>
    changeAsJob(machine, 'undo', cartridge, `Undoing the last going back of ${cartridge}`, async (told) => {
      await expectUndo(machine.root, cartridge)
      return whileEnded(machine, { cartridge, force, told }, () => {
        told.say('What there is now is kept, and what there was before takes its place.')
        return undoRollBack(machine.root, cartridge, follow(told))
      })
    }),
  takeSnapshot: (machine, { cartridge, kind = 'manual', ...options }) =>
    changeAsJob(machine, 'takeSnapshot', cartridge, `Keeping ${cartridge} as it is now`, async (told) => {
      const how = await quieted(machine, cartridge, told)
      const taken = await takeSnapshot(machine.root, cartridge, { kind, ...options, ...how })
      if (isTakenByItself(kind)) await prune(machine.root, cartridge)
      if (kind === 'daily') await pruneOthers(machine.root, cartridge)
      return taken
    }),
  prune: (machine, { cartridge }) =>
    changeAsJob(machine, 'prune', cartridge, `Deleting old moments of ${cartridge}`, (told) => {
      told.say('Moments that the rules do not keep are deleted.')
      return prune(machine.root, cartridge)
    }),
  // It waits for nobody: an operating system that is being changed is left out.
  makeRoom: (machine) =>
    machine.jobs.start('makeRoom', 'Making room on the data partition', (told) => {
      told.say('The trash and old moments make room.')
      return makeRoomForMoments(machine.root)
    }),
  tryMoment: changeOfOne((root, { cartridge, snapshot }) => armTry(root, cartridge, snapshot)),
  keepTry: changeOfOne((root, { cartridge }) => keepTry(root, cartridge)),
  dropTry: changeOfOne((root, { cartridge }) => dropTry(root, cartridge)),
} satisfies Partial<Operations>

/** Does work on a cartridge that must not be played meanwhile. */
function whileEnded<T>(
  machine: Machine,
  { cartridge, ...how }: { cartridge: string; force: boolean; told: Told },
  work: () => Promise<T>,
): Promise<T> {
  return withConsoleEnded({ machine, ends: ({ name }) => name === cartridge, ...how }, work)
}

function follow({ progress, signal }: Told) {
  return { onProgress: progress, signal }
}

/** A cartridge that is played stands still while its moment is taken. */
async function quieted({ root }: Machine, cartridge: string, told: Told) {
  const playing = await consoleCartridge(root)
  if (playing?.name !== cartridge) {
    told.say('It is kept as it is now.')
    return {}
  }
  told.say('The desktop stands still for an instant while it is kept as it is now.')
  return { quiesce: quiesceConsole(root, { freeze: readCartridge(root, cartridge).freeze }) }
}
