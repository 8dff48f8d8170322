import { join } from 'node:path'
import {
  nextStateNumber,
  type OpenedCartridge,
  openCartridge,
  withCartridgeLock,
} from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { changing } from '../change.ts'
import { expectComplete } from '../complete.ts'
import { refuseWhilePlayed } from '../playing.ts'
import { freshStateSteps } from '../roll-back/fresh-state.ts'
import { withOwnRoom } from '../roll-back/own-room.ts'
import { replacePresent } from '../roll-back/replace.ts'
import { refuseWhileResetting } from '../start/resetting.ts'
import { newSnapshot } from '../take/save.ts'
import type { Snapshot } from '../types.ts'
import { dropState, readTry, type Try, writeTry } from './try-record.ts'

/**
 * Lets the next start of the console play a copy of a snapshot; the present stays as it is. Another one that was about
 * to be tried is forgotten. Throws DeskvisorError `no-such-cartridge`, `no-such-snapshot` (both exit 2),
 * `snapshot-damaged`, `try-pending` when one was tried and neither kept nor dropped, `busy`, `no-space`, `read-only`.
 */
export async function armTry(machine: Machine, name: string, snapshot: string): Promise<void> {
  await changing(machine, name, async (opened) => {
    expectComplete(opened, snapshot)
    const trying = readTry(opened)
    if (trying && trying.phase !== 'armed') throw pending(name, trying)
    if (trying) await dropState(opened, trying)
    const number = nextStateNumber(opened.folder)
    const notes = { from: snapshot, saved: null, replaces: null, healthy: false }
    const path = join(opened.states, number)
    await withOwnRoom(opened, async () => {
      const steps = freshStateSteps({ opened, number, from: snapshot, notes, now: new Date() })
      // What a lack of space left of the first attempt.
      await opened.store.discard([path])
      for (const step of steps) await step.run()
      writeTry(opened, { snapshot, state: { number, path }, phase: 'armed', loggedOut: false })
    })
  })
}

/**
 * Makes what was tried the present; the present before becomes a before-rollback snapshot. A console that plays the try
 * plays on. Throws DeskvisorError `no-such-cartridge` (exit 2), `nothing-tried`, `resets-every-start`, `in-use`, `busy`,
 * `no-space`, `read-only`.
 */
export async function keepTry(machine: Machine, name: string): Promise<{ saved: Snapshot | null }> {
  return changing(machine, name, async (opened) => {
    const tried = expectTry(opened)
    refuseWhileResetting(opened, tried.snapshot)
    const before = opened.present()
    await refuseWhilePlayed(machine, name, before)
    const now = new Date()
    const saved = await withOwnRoom(opened, () =>
      replacePresent({
        opened,
        before,
        saveAs: before && newSnapshot(opened, 'before-rollback', now),
        number: tried.state.number,
        from: tried.snapshot,
        tried,
        now,
      }),
    )
    return { saved }
  })
}

/** Forgets what was tried. Throws DeskvisorError `no-such-cartridge` (exit 2), `nothing-tried`, `in-use`, `busy`, `read-only`. */
export async function dropTry(machine: Machine, name: string): Promise<void> {
  await changing(machine, name, async (opened) => {
    const tried = expectTry(opened)
    await refuseWhilePlayed(machine, name, tried.state)
    await dropState(opened, tried)
  })
}

/** The desktop starts again after this, so what changes the cartridge meanwhile is not waited for longer. */
const noteWaitMs = 10_000

/**
 * The console crashed: when it played a try, that is over, and the next start plays the present. Throws errno,
 * DeskvisorError `busy`, `no-such-cartridge`, `read-only`, `no-space`.
 */
export function tryCrashed(machine: Machine, name: string): Promise<void> {
  return changeRunningTry(machine, name, { phase: 'ended' })
}

/**
 * The user of a console that resets logged out: what it tries is over with the console, and the next start drops it.
 * Throws the same.
 */
export function tryLoggedOut(machine: Machine, name: string): Promise<void> {
  return changeRunningTry(machine, name, { loggedOut: true })
}

async function changeRunningTry(machine: Machine, name: string, change: Partial<Try>): Promise<void> {
  const noted = () => {
    const opened = openCartridge(machine, name)
    const trying = readTry(opened)
    if (trying?.phase === 'running') writeTry(opened, { ...trying, ...change })
  }
  await withCartridgeLock(machine, name, noted, { waitMs: noteWaitMs })
}

function expectTry(opened: OpenedCartridge): Try {
  const trying = readTry(opened)
  if (trying) return trying
  throw new DeskvisorError('nothing-tried', `No moment of ${shown(opened.name)} is being tried.`)
}

function pending(name: string, { snapshot }: Try): DeskvisorError {
  return new DeskvisorError('try-pending', `${shown(snapshot)} of ${shown(name)} was tried already.`, {
    next: { do: 'decide-try' },
    snapshot: snapshot,
  })
}
