import Type from 'typebox'
import { logLines } from '../inputs.ts'
import type { Descriptions } from '../operation.ts'
import { closed } from '../parts.ts'
import { status } from '../status.ts'
import { importSource } from '../systems.ts'

const group = 'Machine'

export const machineOperations = {
  status: {
    group,
    summary: 'What this boot decided and why, and how the desktop is',
    method: 'GET',
    path: '/status',
    arguments: [],
    takes: closed({}),
    gives: status,
  },
  logs: {
    group,
    summary: 'The newest lines of the journal of this boot, oldest first',
    description: 'They are free of control characters.',
    method: 'GET',
    path: '/logs',
    arguments: ['lines'],
    takes: closed({ lines: logLines }),
    gives: Type.Array(Type.String()),
  },
  startDesktop: {
    group,
    summary: 'Close the menu and start the desktop',
    description: 'It is asked for; the answer comes before the desktop does.',
    method: 'POST',
    path: '/start-desktop',
    arguments: [],
    takes: closed({}),
    gives: Type.Void(),
  },
  restart: {
    group,
    summary: 'Restart the computer',
    method: 'POST',
    path: '/restart',
    arguments: [],
    takes: closed({}),
    gives: Type.Void(),
  },
  powerOff: {
    group,
    summary: 'Switch the computer off',
    method: 'POST',
    path: '/power-off',
    arguments: [],
    takes: closed({}),
    gives: Type.Void(),
  },
  importSources: {
    group,
    summary: 'Plugged-in disks, and the disk images on them, that could be imported',
    method: 'GET',
    path: '/import-sources',
    arguments: [],
    takes: closed({}),
    gives: Type.Array(importSource),
  },
} as const satisfies Descriptions
