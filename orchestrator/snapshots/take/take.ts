import { join } from 'node:path'
import type { StateStore } from '../../cartridges/index.ts'
import { DeskvisorError, oneLine } from '../../host/errors.ts'
import { keepReserve } from '../../space/index.ts'
import { changing } from '../change.ts'
import { shown, unusable } from '../errors.ts'
import { isFolder, type Places, presentState, type State } from '../places.ts'
import { isPlayed } from '../playing.ts'
import { refuseBelowFloor } from '../retention/floor.ts'
import { readStateNotes } from '../state-notes.ts'
import { parseName } from '../timeline/names.ts'
import { maxNoteLength } from '../timeline/notes.ts'
import { snapshotNames } from '../timeline/timeline.ts'
import { readTry } from '../try/try-record.ts'
import type { Quiesce, Snapshot, SnapshotKind } from '../types.ts'
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
  root: string,
  name: string,
  options: TakeOptions,
): Promise<Snapshot | null> {
  return changing(root, name, async (places, store) => {
    const state = (await playedTry(places)) ?? presentState(places)
    if (state === null) throw unusable(`${name} has no present state.`)
    const now = options.now ?? new Date()
    if (options.onlyIfWritten && equalSnapshot(places, state, now) !== null) return null
    await refuseBelowFloor(places, store, now)
    const taken = await takeOf(places, store, state, { ...options, now })
    await keepReserve(root)
    return taken
  })
}

/** A try whose console was cut off, by a power cut for example, is over: then the present counts again. */
async function playedTry(places: Places): Promise<State | null> {
  const trying = readTry(places)
  return trying?.phase === 'running' && (await isPlayed(places.root, trying.state)) ? trying.state : null
}

async function takeOf(
  places: Places,
  store: StateStore,
  state: State,
  { kind, note = '', quiesce = offline, now }: TakeOptions & { now: Date },
): Promise<Snapshot> {
  const taken = newSnapshot(places, kind, now)
  const { consistency, pauseMs, osLabel } = await quiesce(
    () => saveState(places, store, state.path, taken),
    () => store.settle(state.path),
  )
  if (store.kind === 'copy' && consistency !== 'offline' && pauseMs === null) {
    await store.discard([join(places.snapshots, taken.name)])
    throw notStill(places.name)
  }
  return noteNew(places, taken, {
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
    { hint: 'Try again in a few minutes, or shut the desktop down first. On btrfs this always works.' },
  )
}

/**
 * A snapshot that holds just what the state holds: the last one, the one that the state was made from, or (after the
 * clock was wrong) one from the future. Null: the state was written to.
 */
export function equalSnapshot(places: Places, state: State, now: Date): string | null {
  const newestFirst = snapshotNames(places)
    .filter((name) => parseName(name) !== null)
    .sort()
    .reverse()
  const limit = now.toISOString()
  const last = newestFirst.find((name) => name <= limit)
  const { from } = readStateNotes(state.path)
  const candidates = new Set([newestFirst[0], last, from])
  for (const name of candidates) {
    if (!name) continue
    const snapshot = join(places.snapshots, name)
    if (isFolder(snapshot) && sameContent(state.path, snapshot)) return name
  }
  return null
}
