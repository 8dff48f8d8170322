import Type from 'typebox'
import { cartridgeName, diskBytes, goldenSnapshot, note, title, trashEntry, yesOrNo } from '../inputs.ts'
import { job } from '../job.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'
import { cartridge, trashed } from '../systems.ts'

const group = 'Operating systems'
const one = closed({ cartridge: cartridgeName })
const sized = closed({ cartridge: cartridgeName, sizeBytes: diskBytes })

export const systemOperations = {
  cartridges: {
    group,
    summary: 'Every operating system by name, damaged ones too',
    method: 'GET',
    path: '/cartridges',
    arguments: [],
    takes: closed({}),
    gives: Type.Array(cartridge),
  },
  insert: {
    group,
    summary: 'Make an operating system the desktop from the next start on',
    method: 'POST',
    path: '/cartridges/:cartridge/insert',
    arguments: ['cartridge'],
    takes: one,
    gives: Type.Void(),
  },
  switchTo: {
    group,
    summary:
      'Insert an operating system; a desktop that runs another one is shut down in order and started with it',
    description: '`force` pulls the plug of a desktop that does not end in time.',
    method: 'POST',
    path: '/cartridges/:cartridge/switch',
    arguments: ['cartridge', '*'],
    takes: closed({ cartridge: cartridgeName, force: Type.Optional(yesOrNo) }),
    gives: job,
  },
  renameCartridge: {
    group,
    summary: 'Give an operating system another name',
    method: 'POST',
    path: '/cartridges/:cartridge/rename',
    arguments: ['cartridge', 'newName'],
    takes: closed({ cartridge: cartridgeName, newName: cartridgeName }),
    gives: Type.Void(),
  },
  describeCartridge: {
    group,
    summary: 'Change what is written about an operating system, and how it is kept',
    method: 'PATCH',
    path: '/cartridges/:cartridge',
    arguments: ['cartridge', '*'],
    takes: closed({
      cartridge: cartridgeName,
      title: Type.Optional(title),
      note: Type.Optional(note),
      freeze: Type.Optional(yesOrNo),
      reset: Type.Optional(yesOrNo),
      golden: Type.Optional(goldenSnapshot),
    }),
    gives: Type.Void(),
  },
  growDisk: {
    group,
    summary: 'Make the disk of an operating system larger',
    method: 'POST',
    path: '/cartridges/:cartridge/grow',
    arguments: ['cartridge', 'sizeBytes'],
    takes: sized,
    gives: Type.Void(),
  },
  setDataDisk: {
    group,
    summary: 'Give an operating system a disk for data, or make the one that it has larger',
    method: 'POST',
    path: '/cartridges/:cartridge/data',
    arguments: ['cartridge', 'sizeBytes'],
    takes: sized,
    gives: closed({ created: Type.Boolean() }),
  },
  removeDataDisk: {
    group,
    summary: 'Remove the disk for data of an operating system for ever',
    method: 'DELETE',
    path: '/cartridges/:cartridge/data',
    arguments: ['cartridge'],
    takes: one,
    gives: Type.Void(),
  },
  deleteCartridge: {
    group,
    summary: 'Put an operating system into the trash',
    method: 'DELETE',
    path: '/cartridges/:cartridge',
    arguments: ['cartridge'],
    takes: one,
    gives: closed({ trash: Type.String() }),
  },
  trash: {
    group,
    summary: 'What lies in the trash',
    method: 'GET',
    path: '/trash',
    arguments: [],
    takes: closed({}),
    gives: Type.Array(trashed),
  },
  restoreCartridge: {
    group,
    summary: 'Take an operating system out of the trash again',
    method: 'POST',
    path: '/trash/:entry/restore',
    arguments: ['entry'],
    takes: closed({ entry: trashEntry }),
    gives: Type.Void(),
  },
  emptyTrash: {
    group,
    summary: 'Delete for ever what lies in the trash',
    method: 'DELETE',
    path: '/trash',
    arguments: [],
    takes: closed({}),
    gives: Type.Void(),
  },
} as const satisfies Descriptions
