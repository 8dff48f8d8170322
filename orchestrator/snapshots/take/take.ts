import { join } from 'node:path'
import { isFolder, type OpenedCartridge, type State } from '../../cartridges/index.ts'
import { DeskvisorError, oneLine } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { keepReserve } from '../../space/index.ts'
import { changing } from '../change.ts'
import { timelineUnusable } from '../errors.ts'
import { parseName, type SnapshotKind } from '../kinds.ts'
import { isPlayed } from '../playing.ts'
import { refuseBelowFloor } from '../retention/floor.ts'
import { readStateNotes } from '../state-notes.ts'
import { maxNoteLength } from '../timeline/notes.ts'
import { snapshotNames } from '../timeline/timeline.ts'
import { readTry } from '../try/try-record.ts'
import type { Quiesce, Snapshot } from '../types.ts'
import { sameContent } from './same.ts'
import { newSnapshot, noteNew, saveState } from './save.ts'

export type TakeOptions = {
  kind: SnapshotKind
  note?: string
  /** How to keep the running console from writing; without it nothing runs, and the snapshot is `offline`. */
  quiesce?: Quiesce
  /** Take none when nothing was written since the last one. */
  onlyIfWritten?: boolean
  now?: Date
}

const offline: Quiesce = async (work) => ({
  value: await work(),
  consistency: 'offline',
  pauseMs: null,
  osLabel: null,
})

/**
 * Keeps what the console plays of this cartridge (a running try, else its present) as a snapshot. Null: nothing was
 * written since the last one. Throws DeskvisorError `no-such-cartridge` (exit 2), `no-space` when too little is free even
 * after pruning, `not-paused` when a running guest could not be stopped on a filesystem without snapshots, `busy`,
 * `read-only`, `timeline-unusable` when there is no present.
 */
export async function takeSnapshot(
  machine: Machine,
  name: string,
  options: TakeOptions,
): Promise<Snapshot | null> {
  return changing(machine, name, async (opened) => {
    const state = (await playedTry(opened)) ?? opened.present()
    if (state === null) throw timelineUnusable(`${name} has no present state.`)
    const now = options.now ?? new Date()
    if (options.onlyIfWritten && equalSnapshot(opened, state, now) !== null) return null
    await refuseBelowFloor(opened, now)
    const taken = await takeOf(opened, state, { ...options, now })
    await keepReserve(machine)
    return taken
  })
}

/** A try whose console was cut off, by a power cut for example, is over: then the present counts again. */
async function playedTry(opened: OpenedCartridge): Promise<State | null> {
  const trying = readTry(opened)
  return trying?.phase === 'running' && (await isPlayed(opened.machine, trying.state)) ? trying.state : null
}

async function takeOf(
  opened: OpenedCartridge,
  state: State,
  { kind, note = '', quiesce = offline, now }: TakeOptions & { now: Date },
): Promise<Snapshot> {
  const taken = newSnapshot(opened, kind, now)
  const { consistency, pauseMs, osLabel } = await quiesce(
    () => saveState(opened, state.path, taken),
    () => opened.store.settle(state.path),
  )
  if (opened.store.kind === 'copy' && consistency !== 'offline' && pauseMs === null) {
    await opened.store.discard([join(opened.snapshots, taken.name)])
    throw notStill(opened.name)
  }
  return noteNew(opened, taken, {
    note: oneLine(note).slice(0, maxNoteLength),
    consistency,
    pauseMs,
    osLabel,
  })
}

/** A copy takes its time: what was written meanwhile is in one part of it and not in the other. */
function notStill(name: string): DeskvisorError {
  return new DeskvisorError(
    'not-paused',
    `${shown(name)} could not be made to stand still, so its copy would not be of one moment, and none was kept.`,
    { next: 'Try again in a few minutes, or shut the desktop down first. On btrfs this always works.' },
  )
}

/**
 * A snapshot that holds just what the state holds: the last one, the one that the state was made from, or (after the
 * clock was wrong) one from the future. Null: the state was written to.
 */
export function equalSnapshot(opened: OpenedCartridge, state: State, now: Date): string | null {
  const newestFirst = snapshotNames(opened)
    .filter((name) => parseName(name) !== null)
    .sort()
    .reverse()
  const limit = now.toISOString()
  const last = newestFirst.find((name) => name <= limit)
  const { from } = readStateNotes(state.path)
  const candidates = new Set([newestFirst[0], last, from])
  for (const name of candidates) {
    if (!name) continue
    const snapshot = join(opened.snapshots, name)
    if (isFolder(snapshot) && sameContent(state.path, snapshot)) return name
  }
  return null
}
