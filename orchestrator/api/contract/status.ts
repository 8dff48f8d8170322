import Type, { type Static } from 'typebox'
import type { Reason } from '../../boot/index.ts'
import { closed, count, orNull, text, yes } from './parts.ts'

const bytes = count('bytes')

const intent = closed({
  intent: Type.Enum(['desktop', 'recovery']),
  reason: closed({ code: Type.Unsafe<Reason['code']>({ type: 'string' }), text: text() }),
  waitedMs: Type.Optional(Type.Number()),
})

const space = closed(
  {
    free: bytes,
    floor: count('bytes that must stay free'),
    warning: orNull(text(), 'one sentence that says why no moments are kept; null when they are'),
  },
  'the data partition',
)

/** Everything that `deskvisor status --json` prints and the menu's first screen shows. */
export const status = closed({
  version: text(),
  intent: orNull(
    intent,
    'the decision of this boot; null before it was taken, or on a machine that was not booted by Deskvisor',
  ),
  operatingSystem: orNull(
    closed({ name: text(), title: text() }),
    'the operating system that is the desktop; null when there is none',
  ),
  console: closed({
    running: Type.Boolean(),
    healthy: Type.Boolean(),
    starts: count(),
    crashes: count(),
  }),
  memory: closed({ total: bytes, available: bytes }),
  space: orNull(space, 'null where there is no data partition'),
  addresses: Type.Array(closed({ interface: text(), address: text() })),
  bootKey: text(),
  configError: orNull(
    text(),
    'set when deskvisor.toml (or the credential) cannot be used: one sentence with key and line',
  ),
  passthrough: Type.Array(
    closed({
      address: text(),
      description: text(),
      given: yes('it is given to the desktop'),
      reason: text(),
    }),
  ),
})

export type Status = Static<typeof status>
