import Type from 'typebox'
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
import { withConsoleEnded } from '../console-ended.ts'
import { isTakenByItself } from '../contract.ts'
import type { Told } from '../jobs.ts'
import { operation, type Service } from '../operation.ts'
import { cartridgeName, job, momentKind, momentName, note, yesOrNo } from '../schemas.ts'
import { changeAsJob, changeOfOne } from '../turns.ts'

const group = 'Timeline'
const closed = { additionalProperties: false }
const one = Type.Object({ cartridge: cartridgeName }, closed)

export const timeMachineOperations = {
  rollBack: operation({
    group,
    summary: 'Make a moment the present; the former present is kept as a moment',
    method: 'POST',
    path: '/cartridges/:cartridge/roll-back',
    arguments: ['cartridge', 'snapshot', '*'],
    takes: Type.Object(
      { cartridge: cartridgeName, snapshot: momentName, force: Type.Optional(yesOrNo) },
      closed,
    ),
    gives: job,
    run: (service, { cartridge, snapshot, force = false }) =>
      changeAsJob(service, 'rollBack', cartridge, `Taking ${cartridge} back to ${snapshot}`, async (told) => {
        await expectRollBack(service.machine, cartridge, snapshot)
        return whileEnded(service, { cartridge, force, told }, () => {
          told.say('What there is now is kept, and the earlier moment takes its place.')
          return rollBack(service.machine, cartridge, snapshot, follow(told))
        })
      }),
  }),
  undo: operation({
    group,
    summary: 'Return to the present before the last rolling back',
    method: 'POST',
    path: '/cartridges/:cartridge/undo',
    arguments: ['cartridge', '*'],
    takes: Type.Object({ cartridge: cartridgeName, force: Type.Optional(yesOrNo) }, closed),
    gives: job,
    run: (service, { cartridge, force = false }) =>
      changeAsJob(service, 'undo', cartridge, `Undoing the last going back of ${cartridge}`, async (told) => {
        await expectUndo(service.machine, cartridge)
        return whileEnded(service, { cartridge, force, told }, () => {
          told.say('What there is now is kept, and what there was before takes its place.')
          return undoRollBack(service.machine, cartridge, follow(told))
        })
      }),
  }),
  takeSnapshot: operation({
    group,
    summary: 'Keep the present as a moment',
    method: 'POST',
    path: '/cartridges/:cartridge/snapshots',
    arguments: ['cartridge', '*'],
    takes: Type.Object(
      {
        cartridge: cartridgeName,
        kind: Type.Optional(momentKind),
        note: Type.Optional(note),
        onlyIfWritten: Type.Optional(yesOrNo),
      },
      closed,
    ),
    gives: job,
    run: (service, { cartridge, kind = 'manual', ...options }) =>
      changeAsJob(service, 'takeSnapshot', cartridge, `Keeping ${cartridge} as it is now`, async (told) => {
        const how = await quieted(service, cartridge, told)
        const taken = await takeSnapshot(service.machine, cartridge, { kind, ...options, ...how })
        if (isTakenByItself(kind)) await prune(service.machine, cartridge)
        if (kind === 'daily') await pruneOthers(service.machine, cartridge)
        return taken
      }),
  }),
  prune: operation({
    group,
    summary: 'Delete the moments that the rules for keeping do not keep',
    method: 'POST',
    path: '/cartridges/:cartridge/prune',
    arguments: ['cartridge'],
    takes: one,
    gives: job,
    run: (service, { cartridge }) =>
      changeAsJob(service, 'prune', cartridge, `Deleting old moments of ${cartridge}`, (told) => {
        told.say('Moments that the rules do not keep are deleted.')
        return prune(service.machine, cartridge)
      }),
  }),
  makeRoom: operation({
    group,
    summary: 'Delete what is expendable of all operating systems, while less is free than must stay free',
    method: 'POST',
    path: '/make-room',
    arguments: [],
    takes: Type.Object({}, closed),
    gives: job,
    // It waits for nobody: an operating system that is being changed is left out.
    run: (service) =>
      service.jobs.start('makeRoom', 'Making room on the data partition', (told) => {
        told.say('The trash and old moments make room.')
        return makeRoomForMoments(service.machine)
      }),
  }),
  tryMoment: changeOfOne({
    group,
    summary: 'Start from a moment at the next start of the desktop, without committing to it',
    method: 'POST',
    path: '/cartridges/:cartridge/try',
    arguments: ['cartridge', 'snapshot'],
    takes: Type.Object({ cartridge: cartridgeName, snapshot: momentName }, closed),
    work: (machine, { cartridge, snapshot }) => armTry(machine, cartridge, snapshot),
  }),
  keepTry: changeOfOne({
    group,
    summary: 'Make what was tried the present; the former present is kept as a moment',
    method: 'POST',
    path: '/cartridges/:cartridge/keep',
    arguments: ['cartridge'],
    takes: one,
    work: (machine, { cartridge }) => keepTry(machine, cartridge),
  }),
  dropTry: changeOfOne({
    group,
    summary: 'Forget what was tried; the present is as it was',
    method: 'POST',
    path: '/cartridges/:cartridge/drop',
    arguments: ['cartridge'],
    takes: one,
    work: (machine, { cartridge }) => dropTry(machine, cartridge),
  }),
}

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
