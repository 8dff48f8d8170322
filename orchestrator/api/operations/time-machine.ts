import { readCartridge } from '../../cartridges/index.ts'
import { quiesceConsole } from '../../console/index.ts'
import { desktopState } from '../../host/desktop-state.ts'
import {
  armTry,
  dropTry,
  expectRollBack,
  expectUndo,
  keepTry,
  makeRoomForSnapshots,
  prune,
  pruneOthers,
  rollBack,
  takeSnapshot,
  undoRollBack,
} from '../../snapshots/index.ts'
import { isTakenByItself } from '../../snapshots/kinds.ts'
import { withConsoleEnded } from '../console-ended.ts'
import type { JobContext } from '../jobs.ts'
import type { Operations, Service } from '../operation.ts'
import { changeAsJob, changeOfOne } from '../turns.ts'

export const timeMachineOperations = {
  rollBack(service, { cartridge, snapshot, force = false }) {
    const title = { title: `Taking ${cartridge} back to ${snapshot}`, snapshot: snapshot }
    return changeAsJob(service, 'rollBack', cartridge, title, async (context) => {
      await expectRollBack(service.machine, cartridge, snapshot)
      return whileEnded(service, { cartridge, force, context }, () => {
        context.say('What there is now is kept, and the earlier moment takes its place.')
        return rollBack(service.machine, cartridge, snapshot, follow(context))
      })
    })
  },
  undo: (service, { cartridge, force = false }) =>
    changeAsJob(
      service,
      'undo',
      cartridge,
      `Undoing the last going back of ${cartridge}`,
      async (context) => {
        await expectUndo(service.machine, cartridge)
        return whileEnded(service, { cartridge, force, context }, () => {
          context.say('What there is now is kept, and what there was before takes its place.')
          return undoRollBack(service.machine, cartridge, follow(context))
        })
      },
    ),
  takeSnapshot: (service, { cartridge, kind = 'manual', ...options }) =>
    changeAsJob(service, 'takeSnapshot', cartridge, `Keeping ${cartridge} as it is now`, async (context) => {
      const how = await quieted(service, cartridge, context)
      const taken = await takeSnapshot(service.machine, cartridge, { kind, ...options, ...how })
      if (isTakenByItself(kind)) await prune(service.machine, cartridge)
      if (kind === 'daily') await pruneOthers(service.machine, cartridge)
      return taken
    }),
  prune: (service, { cartridge }) =>
    changeAsJob(service, 'prune', cartridge, `Deleting old moments of ${cartridge}`, (context) => {
      context.say('Moments that the rules do not keep are deleted.')
      return prune(service.machine, cartridge)
    }),
  // It waits for nobody: an operating system that is being changed is left out.
  makeRoom: (service) =>
    service.jobs.start('makeRoom', 'Making room on the data partition', (context) => {
      context.say('The trash and old moments make room.')
      return makeRoomForSnapshots(service.machine)
    }),
  trySnapshot: changeOfOne((machine, { cartridge, snapshot }) => armTry(machine, cartridge, snapshot)),
  keepTry: changeOfOne((machine, { cartridge }) => keepTry(machine, cartridge)),
  dropTry: changeOfOne((machine, { cartridge }) => dropTry(machine, cartridge)),
} satisfies Partial<Operations>

/** Does work on a cartridge that must not be played meanwhile. */
function whileEnded<T>(
  service: Service,
  { cartridge, ...how }: { cartridge: string; force: boolean; context: JobContext },
  work: () => Promise<T>,
): Promise<T> {
  return withConsoleEnded({ service, ends: ({ name }) => name === cartridge, ...how }, work)
}

function follow({ progress, signal }: JobContext) {
  return { onProgress: progress, signal }
}

/** A cartridge that is played stands still while its snapshot is taken. */
async function quieted({ machine }: Service, cartridge: string, context: JobContext) {
  const { playing } = await desktopState(machine)
  if (playing?.name !== cartridge) {
    context.say('It is kept as it is now.')
    return {}
  }
  context.say('The desktop stands still for an instant while it is kept as it is now.')
  return { quiesce: quiesceConsole(machine, { freeze: readCartridge(machine, cartridge).freeze }) }
}
