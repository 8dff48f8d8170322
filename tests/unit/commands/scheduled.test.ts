import { writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import t from 'tap'
import type { CartridgeInfo } from '../../../orchestrator/api/index.ts'
import { chosenCartridge, playedCartridge } from '../../../orchestrator/commands/choose.ts'
import { canWait } from '../../../orchestrator/commands/snapshot/scheduled.ts'
import { deskvisorWith } from '../fixtures/command-line.ts'
import { Tree } from '../fixtures/tree.ts'

const timer = 'deskvisor-hourly.timer'
const now = Date.parse('2026-11-20T21:05:03Z')
const anHour = 3_600_000

t.test('the hourly timer leaves out an hour only when a moment or the start is recent', async (t) => {
  const cases: [boolean, string, string[], { trigger?: string; upMs?: number }?][] = [
    [false, 'nothing is recent', ['2026-11-20T20:05:03Z-hourly', '2026-11-20T20:35:03Z-boot']],
    [true, 'the start kept a moment', ['2026-11-20T20:05:03Z-hourly', '2026-11-20T20:35:04Z-boot']],
    [true, 'there is one from before an update', ['2026-11-20T21:05:03Z-before-update-2']],
    [false, 'only the future has one', ['2026-11-20T21:05:04Z-boot']],
    [false, 'the names are of somebody else', ['by-hand', '']],
    [false, 'there are none', []],
    [true, 'the computer was just switched on', [], { upMs: 60_000 }],
    [false, 'somebody asks by hand', ['2026-11-20T21:04:00Z-boot'], { trigger: '', upMs: 60_000 }],
    [false, 'another unit asks', ['2026-11-20T21:04:00Z-boot'], { trigger: 'x.path' }],
  ]
  for (const [expected, title, names, asked] of cases) {
    const waits = await canWait('hourly', { trigger: timer, now, upMs: anHour, ...asked }, async () => names)
    t.equal(waits, expected, title)
  }
})

t.test('other kinds never wait, and nothing is looked up for them', async (t) => {
  const lookedUp = async () => {
    t.fail('the moments are looked up')
    return []
  }
  for (const kind of ['daily', 'before-update', 'manual', 'boot'] as const)
    t.notOk(await canWait(kind, { trigger: timer, now, upMs: 0 }, lookedUp))
  await canWait('hourly', { trigger: undefined, now, upMs: anHour }, lookedUp)
})

const about = (name: string, facts: Partial<CartridgeInfo>) => ({ name, ...facts }) as CartridgeInfo
const machineWith = (...cartridges: CartridgeInfo[]) => ({ cartridges: async () => cartridges })

t.test('a scheduled moment is of what runs, though another one is inserted for the next start', async (t) => {
  const api = machineWith(
    about('gondor', { inserted: false, running: true }),
    about('rohan', { inserted: true, running: false }),
  )
  t.equal(await playedCartridge(api, {}), 'gondor')
  t.equal(await chosenCartridge(api, {}), 'rohan', 'and by hand of the inserted one')
  t.equal(await playedCartridge(api, { CARTRIDGE: 'rohan' }), 'rohan', 'unless one is named')
})

t.test('without a running desktop a scheduled moment is of the inserted one', async (t) => {
  const stopped = about('rohan', { inserted: true, running: false })
  t.equal(await playedCartridge(machineWith(about('gondor', {}), stopped), {}), 'rohan')
  await t.rejects(playedCartridge(machineWith(about('gondor', {})), {}), { code: 'cartridge-not-named' })
})

t.test(
  'the command: a moment before an update, then no hourly one by the timer, but one by hand',
  async (t) => {
    const tree = new Tree(t).withCartridge()
    const take = (kind: string, trigger = '') => {
      const words = ['snapshot', 'take', '--kind', kind, '--if-written', '--root', tree.root]
      return deskvisorWith({ TRIGGER_UNIT: trigger }, ...words)
    }
    t.match(await take('before-update'), {
      status: 0,
      stdout: /is kept as \S+-before-update\.\n$/,
      stderr: '',
    })
    t.match(await take('before-update'), { status: 0, stdout: /Nothing was written since/ })
    writeFileSync(tree.data('cartridges/gondor/present/disk.raw'), 'written to')
    t.match(await take('hourly', timer), { status: 0, stdout: /less than half an hour ago: none was taken/ })
    t.match(await take('hourly'), { status: 0, stdout: /is kept as \S+-hourly\.\n$/ }, `up for ${uptime()} s`)
  },
)
