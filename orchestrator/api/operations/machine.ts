import Type from 'typebox'
import { localApi } from '../local.ts'
import { operation } from '../operation.ts'
import { importSource, logLines, nothing, status } from '../schemas.ts'

const group = 'Machine'
const none = Type.Object({}, { additionalProperties: false })

export const machineOperations = {
  status: operation({
    group,
    summary: 'What this boot decided and why, and how the desktop is',
    method: 'GET',
    path: '/status',
    arguments: [],
    takes: none,
    gives: status,
    run: ({ machine }) => localApi(machine).status(),
  }),
  logs: operation({
    group,
    summary: 'The newest lines of the journal of this boot, oldest first',
    method: 'GET',
    path: '/logs',
    arguments: ['lines'],
    takes: Type.Object({ lines: logLines }, { additionalProperties: false }),
    gives: Type.Array(Type.String()),
    run: ({ machine }, { lines }) => localApi(machine).logs(lines),
  }),
  startDesktop: operation({
    group,
    summary: 'Close the menu and start the desktop',
    method: 'POST',
    path: '/start-desktop',
    arguments: [],
    takes: none,
    gives: nothing,
    run: ({ machine }) => localApi(machine).startDesktop(),
  }),
  restart: operation({
    group,
    summary: 'Restart the computer',
    method: 'POST',
    path: '/restart',
    arguments: [],
    takes: none,
    gives: nothing,
    run: ({ machine }) => localApi(machine).restart(),
  }),
  powerOff: operation({
    group,
    summary: 'Switch the computer off',
    method: 'POST',
    path: '/power-off',
    arguments: [],
    takes: none,
    gives: nothing,
    run: ({ machine }) => localApi(machine).powerOff(),
  }),
  importSources: operation({
    group,
    summary: 'Plugged-in disks, and the disk images on them, that could be imported',
    method: 'GET',
    path: '/import-sources',
    arguments: [],
    takes: none,
    gives: Type.Array(importSource),
    async run({ machine }) {
      const { findImportSources } = await import('../import-sources.ts')
      return findImportSources(machine)
    },
  }),
}
