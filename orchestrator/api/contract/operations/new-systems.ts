import Type from 'typebox'
import { cartridgeName, diskBytes, file, snapshotName, title } from '../inputs.ts'
import { job } from '../job.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'

const group = 'Operating systems'

export const newSystemOperations = {
  importCartridge: {
    group,
    summary: 'Make an operating system from a disk or a disk image',
    method: 'POST',
    path: '/import',
    arguments: ['*'],
    takes: closed({ file, name: cartridgeName, title: Type.Optional(title) }),
    gives: job,
  },
  exportCartridge: {
    group,
    summary: 'Write the disk of an operating system, or of one of its moments, into a new file',
    method: 'POST',
    path: '/cartridges/:cartridge/export',
    arguments: ['*'],
    takes: closed({ cartridge: cartridgeName, file, snapshot: Type.Optional(snapshotName) }),
    gives: job,
  },
  createCartridge: {
    group,
    summary: 'Make an operating system with an empty disk, to install into',
    method: 'POST',
    path: '/create',
    arguments: ['*'],
    takes: closed({ name: cartridgeName, title: Type.Optional(title), sizeBytes: diskBytes }),
    gives: job,
  },
  cloneCartridge: {
    group,
    summary: 'Make a second operating system from one, or from one of its moments',
    method: 'POST',
    path: '/cartridges/:cartridge/clone',
    arguments: ['*'],
    takes: closed({
      cartridge: cartridgeName,
      newName: cartridgeName,
      snapshot: Type.Optional(snapshotName),
    }),
    gives: job,
  },
} as const satisfies Descriptions
