import Type from 'typebox'
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
import { operation } from '../operation.ts'
import {
  cartridge,
  cartridgeName,
  diskBytes,
  job,
  momentName,
  note,
  nothing,
  title,
  yesOrNo,
} from '../schemas.ts'
import { changeAsJob, changeNow, changeOfOne } from '../turns.ts'

const group = 'Operating systems'
const closed = { additionalProperties: false }
const goldenMoment = Type.Union([momentName, Type.Null()], {
  description: 'the name of a moment, or null for none',
})

export const cartridgeOperations = {
  cartridges: operation({
    group,
    summary: 'Every operating system by name, damaged ones too',
    method: 'GET',
    path: '/cartridges',
    arguments: [],
    takes: Type.Object({}, closed),
    gives: Type.Array(cartridge),
    async run({ machine }) {
      const { playing } = await desktopState(machine)
      return listCartridges(machine).map((listed) => cartridgeInfo(machine, listed, playing))
    },
  }),
  insert: operation({
    group,
    summary: 'Make an operating system the desktop from the next start on',
    method: 'POST',
    path: '/cartridges/:cartridge/insert',
    arguments: ['cartridge'],
    takes: Type.Object({ cartridge: cartridgeName }, closed),
    gives: nothing,
    run: async ({ machine }, { cartridge }) => void (await insertCartridge(machine, cartridge)),
  }),
  switchTo: operation({
    group,
    summary:
      'Insert an operating system; a desktop that runs another one is shut down in order and started with it',
    method: 'POST',
    path: '/cartridges/:cartridge/switch',
    arguments: ['cartridge', '*'],
    takes: Type.Object({ cartridge: cartridgeName, force: Type.Optional(yesOrNo) }, closed),
    gives: job,
    run: (service, { cartridge, force = false }) =>
      changeAsJob(service, 'switchTo', cartridge, `Making ${cartridge} the desktop`, async (told) => {
        // Refused before the desktop is shut down, and not after.
        readCartridge(service.machine, cartridge)
        await withConsoleEnded({ service, ends: ({ name }) => name !== cartridge, force, told }, async () => {
          told.say(`${cartridge} becomes the desktop.`)
          await insertCartridge(service.machine, cartridge)
        })
      }),
  }),
  renameCartridge: changeOfOne({
    group,
    summary: 'Give an operating system another name',
    method: 'POST',
    path: '/cartridges/:cartridge/rename',
    arguments: ['cartridge', 'newName'],
    takes: Type.Object({ cartridge: cartridgeName, newName: cartridgeName }, closed),
    work: (machine, { cartridge, newName }) => renameCartridge(machine, cartridge, newName),
  }),
  describeCartridge: changeOfOne({
    group,
    summary: 'Change what is written about an operating system, and how it is kept',
    method: 'PATCH',
    path: '/cartridges/:cartridge',
    arguments: ['cartridge', '*'],
    takes: Type.Object(
      {
        cartridge: cartridgeName,
        title: Type.Optional(title),
        note: Type.Optional(note),
        freeze: Type.Optional(yesOrNo),
        reset: Type.Optional(yesOrNo),
        golden: Type.Optional(goldenMoment),
      },
      closed,
    ),
    async work(machine, { cartridge, golden, reset, ...change }) {
      if (golden !== undefined || reset !== undefined)
        await changeGolden(machine, cartridge, { golden, reset })
      if (Object.keys(change).length > 0) await describeCartridge(machine, cartridge, change)
    },
  }),
  growDisk: changeOfOne({
    group,
    summary: 'Make the disk of an operating system larger',
    method: 'POST',
    path: '/cartridges/:cartridge/grow',
    arguments: ['cartridge', 'sizeBytes'],
    takes: Type.Object({ cartridge: cartridgeName, sizeBytes: diskBytes }, closed),
    work: (machine, { cartridge, sizeBytes }) => growDisk(machine, cartridge, sizeBytes),
  }),
  setDataDisk: operation({
    group,
    summary: 'Give an operating system a disk for data, or make the one that it has larger',
    method: 'POST',
    path: '/cartridges/:cartridge/data',
    arguments: ['cartridge', 'sizeBytes'],
    takes: Type.Object({ cartridge: cartridgeName, sizeBytes: diskBytes }, closed),
    gives: Type.Object({ created: Type.Boolean() }, closed),
    run: (service, { cartridge, sizeBytes }) =>
      changeNow(service, cartridge, () => setDataDisk(service.machine, cartridge, sizeBytes)),
  }),
  removeDataDisk: changeOfOne({
    group,
    summary: 'Remove the disk for data of an operating system for ever',
    method: 'DELETE',
    path: '/cartridges/:cartridge/data',
    arguments: ['cartridge'],
    takes: Type.Object({ cartridge: cartridgeName }, closed),
    work: (machine, { cartridge }) => removeDataDisk(machine, cartridge),
  }),
}
