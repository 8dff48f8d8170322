import { readCartridge } from '../../cartridges/index.ts'
import { quiesceConsole } from '../../console/index.ts'
import { desktopState } from '../../host/desktop-state.ts'
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
import type { Operations, Service } from '../operation.ts'
import { changeAsJob, changeOfOne } from '../turns.ts'

export const timeMachineOperations = {
  rollBack(service, { cartridge, snapshot, force = false }) {
    const title = { title: `Taking ${cartridge} back to ${snapshot}`, moment: snapshot }
    return changeAsJob(service, 'rollBack', cartridge, title, async (told) => {
      await expectRollBack(service.machine, cartridge, snapshot)
      return whileEnded(service, { cartridge, force, told }, () => {
        told.say('What there is now is kept, and the earlier moment takes its place.')
        return rollBack(service.machine, cartridge, snapshot, follow(told))
      })
    })
  },
  undo: (service, { cartridge, force = false }) =>
    changeAsJob(service, 'undo', cartridge, `Undoing the last going back of ${cartridge}`, async (told) => {
      await expectUndo(service.machine, cartridge)
      return whileEnded(service, { cartridge, force, told }, () => {
        told.say('What there is now is kept, and what there was before takes its place.')
        return undoRollBack(service.machine, cartridge, follow(told))
      })
    }),
  takeSnapshot: (service, { cartridge, kind = 'manual', ...options }) =>
    changeAsJob(service, 'takeSnapshot', cartridge, `Keeping ${cartridge} as it is now`, async (told) => {
      const how = await quieted(service, cartridge, told)
      const taken = await takeSnapshot(service.machine, cartridge, { kind, ...options, ...how })
      if (isTakenByItself(kind)) await prune(service.machine, cartridge)
      if (kind === 'daily') await pruneOthers(service.machine, cartridge)
      return taken
    }),
  prune: (service, { cartridge }) =>
    changeAsJob(service, 'prune', cartridge, `Deleting old moments of ${cartridge}`, (told) => {
      told.say('Moments that the rules do not keep are deleted.')
      return prune(service.machine, cartridge)
    }),
  // It waits for nobody: an operating system that is being changed is left out.
  makeRoom: (service) =>
    service.jobs.start('makeRoom', 'Making room on the data partition', (told) => {
      told.say('The trash and old moments make room.')
      return makeRoomForMoments(service.machine)
    }),
  tryMoment: changeOfOne((machine, { cartridge, snapshot }) => armTry(machine, cartridge, snapshot)),
  keepTry: changeOfOne((machine, { cartridge }) => keepTry(machine, cartridge)),
  dropTry: changeOfOne((machine, { cartridge }) => dropTry(machine, cartridge)),
} satisfies Partial<Operations>

/** Does work on a cartridge that must not be played meanwhile. */
function whileEnded<T>(
  service: Service,
  { cartridge, ...how }: { cartridge: string; force: boolean; told: Told },
  work: () => Promise<T>,
): Promise<T> {
  return withConsoleEnded({ service, ends: ({ name }) => name === cartridge, ...how }, work)
}

function follow({ progress, signal }: Told) {
  return { onProgress: progress, signal }
}

/** A cartridge that is played stands still while its moment is taken. */
async function quieted({ machine }: Service, cartridge: string, told: Told) {
  const { playing } = await desktopState(machine)
  if (playing?.name !== cartridge) {
    told.say('It is kept as it is now.')
    return {}
  }
  told.say('The desktop stands still for an instant while it is kept as it is now.')
  return { quiesce: quiesceConsole(machine, { freeze: readCartridge(machine, cartridge).freeze }) }
}
