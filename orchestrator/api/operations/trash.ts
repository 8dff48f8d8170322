import { deleteCartridge, emptyTrash, listTrash, restoreCartridge } from '../../cartridges/index.ts'
import type { Operations } from '../operation.ts'
import { changeNow } from '../turns.ts'

export const trashOperations = {
  deleteCartridge: (service, { cartridge }) =>
    changeNow(service, cartridge, async () => ({ trash: await deleteCartridge(service.machine, cartridge) })),
  trash: ({ machine }) => listTrash(machine),
  restoreCartridge: async ({ machine }, { entry }) => void (await restoreCartridge(machine, entry)),
  emptyTrash: async ({ machine }) => void (await emptyTrash(machine)),
} satisfies Partial<Operations>
