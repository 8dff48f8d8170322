import { closeSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { lockFolder } from '../../../orchestrator/cartridges/lock.ts'
import { maintain } from '../../../orchestrator/console/maintain.ts'
import {
  askForRoom,
  decideMaintenance,
  type RoomRequest,
  type Seen,
} from '../../../orchestrator/console/maintenance.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { until } from '../../scenarios/fair-time.ts'
import { Tree } from '../fixtures/tree.ts'

const gibibyte = 2 ** 30
const room = {
  freeBytes: 50 * gibibyte,
  totalBytes: 500 * gibibyte,
  floorBytes: 20 * gibibyte,
  metadataBytes: 2 * gibibyte,
  metadataFloorBytes: gibibyte / 2,
}
const fine: Seen = {
  status: 'running',
  room,
  markedFrozen: false,
}

t.test('what the watchdog does about what it sees', async (t) => {
  const maintenance = (seen: Partial<Seen>) => decideMaintenance({ ...fine, ...seen })
  const nothing = { makeRoom: false, goOn: 'no', thaw: false }
  t.same(maintenance({}), nothing)
  t.same(maintenance({ status: null }), nothing)
  t.same(maintenance({ status: 'internal-error' }), nothing)
  t.same(maintenance({ room: { ...room, freeBytes: 19 * gibibyte } }), { ...nothing, makeRoom: true })
  t.same(maintenance({ status: 'paused' }), { ...nothing, goOn: 'unless-held' })
  t.same(maintenance({ status: 'io-error', room: { ...room, freeBytes: 0 } }), { ...nothing, makeRoom: true })
  t.same(maintenance({ status: 'io-error', room: { ...room, freeBytes: 2 * gibibyte } }), {
    ...nothing,
    makeRoom: true,
    goOn: 'now',
  })
  const tables = (metadataBytes: number) => ({ room: { ...room, metadataBytes } })
  t.same(maintenance(tables(gibibyte / 4)), { ...nothing, makeRoom: true }, 'full tables are a full disk')
  t.same(maintenance({ status: 'io-error', ...tables(0) }), { ...nothing, makeRoom: true })
  t.same(maintenance({ markedFrozen: true }), { ...nothing, thaw: true })
})

t.test('moments are asked for room ever more rarely while that does not help', async (t) => {
  const asks: number[] = []
  let last: RoomRequest | null = null
  for (let minute = 0; minute < 40; minute += 0.5) {
    const { ask, asked } = askForRoom(last, minute !== 30, minute * 60_000)
    if (ask) asks.push(minute)
    last = asked
  }
  t.same(asks, [0, 1, 3, 7, 15, 25, 30.5, 31.5, 33.5, 37.5])
})

/** A machine whose console plays gondor, and a systemctl that writes down what it is asked. */
function machine(t: Test) {
  const tree = new Tree(t)
  const folder = tree.data('cartridges/gondor')
  mkdirSync(folder, { recursive: true })
  mkdirSync(tree.at('run/deskvisor/console'), { recursive: true })
  const playing = { name: 'gondor', state: join(folder, 'states/0001') }
  tree.write('run/deskvisor/playing.json', JSON.stringify(playing))
  let told = ''
  const watched = machineAt(tree.root, {
    systemctl: async (...args) => {
      told += `${args.join(' ')}\n`
      return { status: 0, stdout: '', stderr: '' }
    },
  })
  const log = () => told
  let status = 'running'
  const asked: string[] = []
  const qmp = {
    async execute(command: string) {
      if (command === 'cont') status = 'running'
      if (command !== 'query-status') asked.push(command)
      return { status }
    },
  }
  const look = (floor: number | 'auto') => {
    const looking = maintain(watched, qmp, floor, { everyMs: 50, soonMs: 1 })
    t.teardown(() => looking.end())
    return looking
  }
  const becomes = (now: string) => {
    status = now
  }
  return { folder, asked, log, look, becomes }
}

t.test(
  'a guest that a killed snapshot left standing still goes on; one that is being kept does not',
  async (t) => {
    const { folder, asked, look, becomes } = machine(t)
    const lock = lockFolder(folder)
    becomes('paused')
    look(0)
    await sleep(300)
    t.same(asked, [], 'somebody takes a moment')
    closeSync(lock ?? -1)
    await until('the guest goes on', () => asked.length > 0, { limitS: 60 })
    t.same(asked, ['cont'])
  },
)

t.test('a guest that lacked space goes on once there is room', async (t) => {
  const { asked, look, becomes } = machine(t)
  becomes('io-error')
  look(0)
  await until('the guest goes on', () => asked.length > 0, { limitS: 60 })
  t.same(asked, ['cont'])
})

t.test('below the floor, moments are told once to make room', async (t) => {
  const { log, look } = machine(t)
  look(1_000_000)
  await until('somebody is told', () => log() !== '', { limitS: 60 })
  await sleep(300)
  t.equal(log(), 'start --no-block deskvisor-make-room.service\n')
})
