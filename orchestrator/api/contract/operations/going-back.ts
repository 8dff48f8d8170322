import Type from 'typebox'
import { cartridgeName, snapshotName, yesOrNo } from '../inputs.ts'
import { job } from '../job.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'

const group = 'Timeline'
const one = closed({ cartridge: cartridgeName })

export const goingBackOperations = {
  rollBack: {
    group,
    summary: 'Make a moment the present; the former present is kept as a moment',
    description:
      'A running desktop is shut down in order before and started again afterwards; `force` pulls its plug when it does not end in time.',
    method: 'POST',
    path: '/cartridges/:cartridge/roll-back',
    arguments: ['cartridge', 'snapshot', '*'],
    takes: closed({ cartridge: cartridgeName, snapshot: snapshotName, force: Type.Optional(yesOrNo) }),
    gives: job,
  },
  undo: {
    group,
    summary: 'Return to the present before the last rolling back',
    method: 'POST',
    path: '/cartridges/:cartridge/undo',
    arguments: ['cartridge', '*'],
    takes: closed({ cartridge: cartridgeName, force: Type.Optional(yesOrNo) }),
    gives: job,
  },
  trySnapshot: {
    group,
    summary: 'Start from a moment at the next start of the desktop, without committing to it',
    method: 'POST',
    path: '/cartridges/:cartridge/try',
    arguments: ['cartridge', 'snapshot'],
    takes: closed({ cartridge: cartridgeName, snapshot: snapshotName }),
    gives: Type.Void(),
  },
  keepTry: {
    group,
    summary: 'Make what was tried the present; the former present is kept as a moment',
    method: 'POST',
    path: '/cartridges/:cartridge/keep',
    arguments: ['cartridge'],
    takes: one,
    gives: Type.Void(),
  },
  dropTry: {
    group,
    summary: 'Forget what was tried; the present is as it was',
    method: 'POST',
    path: '/cartridges/:cartridge/drop',
    arguments: ['cartridge'],
    takes: one,
    gives: Type.Void(),
  },
} as const satisfies Descriptions
