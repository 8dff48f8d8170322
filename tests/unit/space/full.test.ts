import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import t, { type Test } from 'tap'
import {
  deleteCartridge,
  emptyTrash,
  insertCartridge,
  insertedCartridge,
  stateStore,
} from '../../../orchestrator/cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../../../orchestrator/host/btrfs-search.ts'
import { isErrno } from '../../../orchestrator/host/errors.ts'
import {
  armTry,
  deleteSnapshot,
  dropTry,
  makeRoomForSnapshots,
  prepareStart,
  readTimeline,
  rollBack,
  takeSnapshot,
  undoRollBack,
} from '../../../orchestrator/snapshots/index.ts'
import { isBelowFloor, roomIn } from '../../../orchestrator/space/index.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Gondor } from '../fixtures/timeline.ts'

const mebibyte = 2 ** 20
const skip = noBtrfs()
const name = 'gondor'
const block = randomBytes(4096)
const pieces = 10_000
const apart = 65_536

/** What a guest may do to the disk that it plays, until it is told that there is no space. */
const attacks = {
  /** A block here and there, so that every one is a piece of its own, and every sixth again after each snapshot. */
  'the tables': async (disk: number, snapshot: () => Promise<void>) => {
    ftruncateSync(disk, pieces * apart)
    await untilFull(async (turn) => {
      if (turn > 0 && turn < 10) await snapshot()
      const step = turn > 0 && turn < 10 ? 6 : 1
      for (let piece = turn % step; piece < pieces; piece += step) {
        writeSync(disk, block, 0, block.length, piece * apart + 4096 * (step === 1 ? turn % 16 : 0))
      }
      fsyncSync(disk)
    })
  },
  /** The same mebibytes again and again, which costs room once they are kept in snapshots; and then what is left. */
  'what files hold': async (disk: number, snapshot: () => Promise<void>) => {
    for (const bytes of [randomBytes(8 * mebibyte), randomBytes(mebibyte), block]) {
      await untilFull(async (turn) => {
        writeSync(disk, bytes, 0, bytes.length, (turn % 5) * bytes.length)
        fsyncSync(disk)
        await snapshot()
      })
    }
    await untilFull(async (turn) => {
      writeSync(disk, block, 0, block.length, 40 * mebibyte + turn * block.length)
      fsyncSync(disk)
    })
  },
} as const
type Attack = (typeof attacks)[keyof typeof attacks]

async function untilFull(work: (turn: number) => Promise<void>): Promise<void> {
  try {
    for (let turn = 0; ; turn++) await work(turn)
  } catch (error) {
    if (!isErrno(error, 'ENOSPC')) throw error
  }
}

/** Snapshots are taken beside Deskvisor, which would make room for them. */
async function suffer(gondor: Gondor, attack: Attack): Promise<void> {
  const disk = openSync(gondor.at('present/disk.raw'), 'r+')
  const store = stateStore(gondor.at(''))
  let day = gondor.names('snapshots').length
  const snapshot = () =>
    store.copy(gondor.cartridge().state, gondor.at(`snapshots/2026-10-20T21:05:03Z-hourly-${day++}`), {
      readOnly: true,
    })
  try {
    await attack(disk, snapshot)
  } finally {
    closeSync(disk)
  }
}

/** A machine whose guest was kept once while it was good, and has filled the disk since. */
async function attacked(t: Test, attack: Attack) {
  const gondor = await new Gondor(t, 'btrfs', { bytes: 256 * mebibyte }).withCartridge('good')
  const good = (await takeSnapshot(gondor.machine, name, { kind: 'manual' }))?.name ?? ''
  t.ok(existsSync(gondor.tree.data('reserve/contents')), 'a reserve is kept')
  await suffer(gondor, attack)
  t.ok(isFull(gondor), 'nothing can be written')
  return { gondor, machine: gondor.machine, good }
}

function isFull(gondor: Gondor): boolean {
  const probe = gondor.tree.data('probe')
  try {
    writeFileSync(probe, block, { flush: true })
    return false
  } catch (error) {
    return isErrno(error, 'ENOSPC')
  } finally {
    rmSync(probe, { force: true })
  }
}

for (const [what, attack] of Object.entries(attacks)) {
  t.test(`a guest that fills ${what}`, { skip }, async (t) => {
    await t.test('can be gone back from, again and again', async (t) => {
      const { gondor, machine, good } = await attacked(t, attack)
      t.ok(isBelowFloor(roomIn(gondor.tree.data('cartridges'))), 'is seen, whatever statfs says')
      for (const time of ['first', 'second']) {
        const { saved } = await rollBack(machine, name, good)
        t.equal(gondor.read(), 'good', `the ${time} time`)
        t.ok(saved && gondor.names('snapshots').includes(saved.name), 'and the present is kept')
        await undoRollBack(machine, name)
        t.equal(readTimeline(machine, name).present.from, saved?.name, 'going back can be undone')
        await suffer(gondor, attack)
      }
      await rollBack(machine, name, good)
      t.equal(gondor.read(), 'good', 'the third time')
    })

    await t.test('keeps nobody from a start, a try or another system', async (t) => {
      const { gondor, machine, good } = await attacked(t, attack)
      const present = insertedCartridge(machine)
      await insertCartridge(machine, name)
      await armTry(machine, name, good)
      const tried = await prepareStart(machine, present, { relaunch: false })
      t.not(tried.state, present.state)
      t.equal(gondor.read(tried.state.slice(gondor.at('').length)), 'good')
      gondor.plays(null)
      await dropTry(machine, name)
      const start = await prepareStart(machine, present, { relaunch: false })
      t.equal(start.state, present.state)
    })

    await t.test('keeps nothing from being deleted, with nothing in reserve', async (t) => {
      const { gondor, machine, good } = await attacked(t, attack)
      rmSync(gondor.tree.data('reserve'), { recursive: true })
      await suffer(gondor, attack)
      await deleteSnapshot(machine, name, good)
      t.notOk(gondor.names('snapshots').includes(good))
    })

    await t.test('pays with its own moments', async (t) => {
      const { gondor, machine } = await attacked(t, attack)
      const before = gondor.names('snapshots').length
      await makeRoomForSnapshots(machine)
      t.ok(gondor.names('snapshots').length < before, 'old moments went')
      t.notOk(isFull(gondor))
    })

    await t.test('leaves nothing when its system is deleted', async (t) => {
      const { gondor, machine } = await attacked(t, attack)
      await deleteCartridge(machine, name)
      await emptyTrash(machine)
      t.same(readdirSync(gondor.tree.data('cartridges')), [])
      await removedSubvolumesAreFreed(gondor.tree.data('cartridges'))
      t.notOk(isFull(gondor))
    })
  })
}
