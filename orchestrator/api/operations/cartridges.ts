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
import { desktopState } from '../../host/desktop-state.ts'
import { changeGolden } from '../../snapshots/index.ts'
import { cartridgeInfo } from '../cartridge-info.ts'
import { withConsoleEnded } from '../console-ended.ts'
import type { Operations } from '../operation.ts'
import { changeAsJob, changeNow, changeOfOne } from '../turns.ts'

export const cartridgeOperations = {
  async cartridges({ machine }) {
    const { playing } = await desktopState(machine)
    return listCartridges(machine).map((listed) => cartridgeInfo(machine, listed, playing))
  },
  insert: async ({ machine }, { cartridge }) => void (await insertCartridge(machine, cartridge)),
  switchTo: (service, { cartridge, force = false }) =>
    changeAsJob(service, 'switchTo', cartridge, `Making ${cartridge} the desktop`, async (context) => {
      // Refused before the desktop is shut down, and not after.
      readCartridge(service.machine, cartridge)
      await withConsoleEnded(
        { service, ends: ({ name }) => name !== cartridge, force, context },
        async () => {
          context.say(`${cartridge} becomes the desktop.`)
          await insertCartridge(service.machine, cartridge)
        },
      )
    }),
  renameCartridge: changeOfOne((machine, { cartridge, newName }) =>
    renameCartridge(machine, cartridge, newName),
  ),
  describeCartridge: changeOfOne(async (machine, { cartridge, golden, reset, ...change }) => {
    if (golden !== undefined || reset !== undefined) await changeGolden(machine, cartridge, { golden, reset })
    if (Object.keys(change).length > 0) await describeCartridge(machine, cartridge, change)
  }),
  growDisk: changeOfOne((machine, { cartridge, sizeBytes }) => growDisk(machine, cartridge, sizeBytes)),
  setDataDisk: (service, { cartridge, sizeBytes }) =>
    changeNow(service, cartridge, () => setDataDisk(service.machine, cartridge, sizeBytes)),
  removeDataDisk: changeOfOne((machine, { cartridge }) => removeDataDisk(machine, cartridge)),
} satisfies Partial<Operations>
