import { basename, dirname } from 'node:path'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { lastPlayed } from '../host/last-played.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { type FloorSetting, roomWith } from '../space/index.ts'
import { askForRoom, decideMaintenance, type RoomRequest } from './maintenance.ts'
import type { Qmp } from './qmp.ts'
import { regularly } from './regularly.ts'
import { isMarkedFrozen, thawGuest } from './thaw.ts'
import { throttle } from './throttle.ts'

/** Twice a minute: between two looks a fast disk takes no more than the floor that is there for that. */
const everyMs = 30_000
/** After QEMU said that the guest stands still. */
const soonMs = 2000
/** Short, because the lock of the cartridge is held meanwhile; there is a next look. */
const thawAnswerMs = 1500
const complainMs = 600_000
/** Lets snapshots make room, in a process of its own: systemd/system/deskvisor-make-room.service. */
const roomUnit = 'deskvisor-make-room.service'

export type LookingAfter = {
  /** The guest stands still, it was said: a look is due soon. A guest may have that said without end (regularly.ts). */
  soon(): void
  end(): void
}

/**
 * Sees to it that the console goes on and its writes find space, as long as `qmp` is connected: a look at once, and then
 * every half minute. One look costs a question to QEMU and statfs(2); what more is needed is loaded and done elsewhere.
 */
export function maintain(
  machine: Machine,
  qmp: Pick<Qmp, 'execute'>,
  floor: FloorSetting,
  pace: { everyMs: number; soonMs: number } = { everyMs, soonMs },
): LookingAfter {
  let asked: RoomRequest | null = null
  const tellFull = throttle(complainMs, () =>
    log.error('The data partition is full: the desktop stands still until there is room for what it writes.'),
  )
  const look = async () => {
    const room = roomWith(machine.paths.data, floor)
    const status = await statusOf(qmp)
    const maintenance = decideMaintenance({ status, room, markedFrozen: isMarkedFrozen(machine) })
    const next = askForRoom(asked, maintenance.makeRoom, machine.clock.monotonicMs())
    asked = next.asked
    if (next.ask) {
      log.warning('Too little of the data partition is free: old moments make room.')
      await machine.systemctl('start', '--no-block', roomUnit)
    }
    if (status === 'io-error') tellFull()
    if (maintenance.goOn === 'now') await qmp.execute('cont')
    if (maintenance.goOn === 'unless-held') await unlessHeld(machine, () => goOn(qmp))
    if (maintenance.thaw)
      await unlessHeld(
        machine,
        async () => void (await thawGuest(machine, { forMs: 0, answerMs: thawAnswerMs })),
      )
  }
  let problem: unknown
  const tellProblem = throttle(complainMs, () =>
    log.warning(`The desktop is not looked after: ${sentenceOf(problem)}`),
  )
  const lookOrTell = () =>
    look().catch((error: unknown) => {
      problem = error
      tellProblem()
    })
  return regularly(machine.clock, lookOrTell, pace)
}

async function statusOf(qmp: Pick<Qmp, 'execute'>): Promise<string | null> {
  const { status } = asObject(await qmp.execute('query-status').catch(() => null))
  return typeof status === 'string' ? status : null
}

/** Between the look and the lock, it may have gone on by itself. */
async function goOn(qmp: Pick<Qmp, 'execute'>): Promise<void> {
  if ((await statusOf(qmp)) !== 'paused') return
  log.warning('The desktop was left standing still; it goes on.')
  await qmp.execute('cont')
}

/** Whoever stops or freezes the guest holds the lock of what it plays. The room of cartridges is loaded only here. */
async function unlessHeld(machine: Machine, work: () => Promise<void>): Promise<void> {
  const playing = lastPlayed(machine)
  const { withCartridgeLock } = await import('../cartridges/index.ts')
  // Not by its name: the folder of the state says where it lies.
  const name = playing && basename(dirname(dirname(playing.state)))
  try {
    if (name === null) await work()
    else await withCartridgeLock(machine, name, work)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
    if (error.code === 'no-such-cartridge') await work()
    else if (error.code !== 'busy') throw error
  }
}
