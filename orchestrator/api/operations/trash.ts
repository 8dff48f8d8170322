import { deleteCartridge, emptyTrash, listTrash, restoreCartridge } from '../../cartridges/index.ts'
import type { Operations } from '../operation.ts'
import { changeNow } from '../turns.ts'

export const trashOperations = {
  deleteCartridge: (machine, { cartridge }) =>
    changeNow(machine, cartridge, async () => ({ trash: await deleteCartridge(machine.root, cartridge) })),
  trash: ({ root }) => listTrash(root),
  restoreCartridge: async ({ root }, { entry }) => void (await restoreCartridge(root, entry)),
  emptyTrash: async ({ root }) => void (await emptyTrash(root)),
} satisfies Partial<Operations>
