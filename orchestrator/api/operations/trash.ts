import Type from 'typebox'
import { deleteCartridge, emptyTrash, listTrash, restoreCartridge } from '../../cartridges/index.ts'
import { operation } from '../operation.ts'
import { cartridgeName, nothing, trashEntry, trashed } from '../schemas.ts'
import { changeNow } from '../turns.ts'

const group = 'Operating systems'
const closed = { additionalProperties: false }

export const trashOperations = {
  deleteCartridge: operation({
    group,
    summary: 'Put an operating system into the trash',
    method: 'DELETE',
    path: '/cartridges/:cartridge',
    arguments: ['cartridge'],
    takes: Type.Object({ cartridge: cartridgeName }, closed),
    gives: Type.Object({ trash: Type.String() }, closed),
    run: (service, { cartridge }) =>
      changeNow(service, cartridge, async () => ({
        trash: await deleteCartridge(service.machine, cartridge),
      })),
  }),
  trash: operation({
    group,
    summary: 'What lies in the trash',
    method: 'GET',
    path: '/trash',
    arguments: [],
    takes: Type.Object({}, closed),
    gives: Type.Array(trashed),
    run: ({ machine }) => listTrash(machine),
  }),
  restoreCartridge: operation({
    group,
    summary: 'Take an operating system out of the trash again',
    method: 'POST',
    path: '/trash/:entry/restore',
    arguments: ['entry'],
    takes: Type.Object({ entry: trashEntry }, closed),
    gives: nothing,
    run: async ({ machine }, { entry }) => void (await restoreCartridge(machine, entry)),
  }),
  emptyTrash: operation({
    group,
    summary: 'Delete for ever what lies in the trash',
    method: 'DELETE',
    path: '/trash',
    arguments: [],
    takes: Type.Object({}, closed),
    gives: nothing,
    run: async ({ machine }) => void (await emptyTrash(machine)),
  }),
}
