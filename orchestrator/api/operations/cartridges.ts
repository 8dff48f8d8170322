import {
  describeCartridge,
  growDisk,
  insertCartridge,
  listCartridges,
  readCartridge,
  removeDataDisk,
  renameCartridge,
  setDataDisk,
} from '../../cartridges/index.ts'
import { consoleCartridge } from '../../console/index.ts'
import { changeGolden } from '../../snapshots/index.ts'
import { cartridgeInfo } from '../cartridge-info.ts'
import { withConsoleEnded } from '../console-ended.ts'
import type { Operations } from '../operation.ts'
import { changeAsJob, changeNow, changeOfOne } from '../turns.ts'

export const cartridgeOperations = {
  async cartridges({ root }) {
    const playing = await consoleCartridge(root)
    return listCartridges(root).map((listed) => cartridgeInfo(root, listed, playing))
  },
  insert: async ({ root }, { cartridge }) => void (await insertCartridge(root, cartridge)),
  switchTo: (machine, { cartridge, force = false }) =>
    changeAsJob(machine, 'switchTo', cartridge, `Making ${cartridge} the desktop`, async (told) => {
      // Refused before the desktop is shut down, and not after.
      readCartridge(machine.root, cartridge)
      await withConsoleEnded({ machine, ends: ({ name }) => name !== cartridge, force, told }, async () => {
        told.say(`${cartridge} becomes the desktop.`)
        await insertCartridge(machine.root, cartridge)
      })
    }),
  renameCartridge: changeOfOne((root, { cartridge, newName }) => renameCartridge(root, cartridge, newName)),
  describeCartridge: changeOfOne(async (root, { cartridge, golden, reset, ...change }) => {
    if (golden !== undefined || reset !== undefined) await changeGolden(root, cartridge, { golden, reset })
    if (Object.keys(change).length > 0) await describeCartridge(root, cartridge, change)
  }),
  growDisk: changeOfOne((root, { cartridge, sizeBytes }) => growDisk(root, cartridge, sizeBytes)),
  setDataDisk: (machine, { cartridge, sizeBytes }) =>
    changeNow(machine, cartridge, () => setDataDisk(machine.root, cartridge, sizeBytes)),
  removeDataDisk: changeOfOne((root, { cartridge }) => removeDataDisk(root, cartridge)),
} satisfies Partial<Operations>
