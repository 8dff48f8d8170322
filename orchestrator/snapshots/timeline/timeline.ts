import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder, type OpenedCartridge, openCartridge } from '../../cartridges/index.ts'
import { lastPlayed } from '../../host/last-played.ts'
import type { Machine } from '../../host/machine.ts'
import { directoryEntries, entriesOf } from '../folders.ts'
import { parseName, type SnapshotKind } from '../kinds.ts'
import { readStateNotes } from '../state-notes.ts'
import { readTry, type Try } from '../try/try-record.ts'
import type { Snapshot, Timeline, TryPhase } from '../types.ts'
import { isPossibleName } from './names.ts'
import { defaultNotes, type Notes, readNotes } from './notes.ts'
import { inOrder, type Placed } from './order.ts'
import { originOf } from './origin.ts'
import { sizesOf } from './sizes.ts'

/** A snapshot with what the timeline knows about it, and where it stands in the order of time. */
export type Known = Placed & { kind: SnapshotKind; notes: Notes }

/**
 * Everything that can be returned to, of a damaged cartridge too. Looks at names and notes only, never at what a guest wrote.
 * `played` is the folder of the state that the console plays; who does not know gets what it was last started with.
 * Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`.
 */
export function readTimeline(
  machine: Machine,
  name: string,
  played = lastPlayed(machine)?.state ?? null,
): Timeline {
  const opened = openCartridge(machine, name)
  const known = knownSnapshots(opened)
  const trying = readTry(opened)
  return {
    cartridge: opened.name,
    snapshots: asSnapshots(known).reverse(),
    trying: trying && { snapshot: trying.snapshot, phase: phaseNow(trying, played) },
    undo: undoTarget(opened),
    present: originOf(opened),
  }
}

/** Every snapshot, oldest first. */
export function knownSnapshots(opened: OpenedCartridge): Known[] {
  const described = new Set(entriesOf(opened.timeline))
  return inOrder(
    snapshotNames(opened).map((name) => {
      const told = parseName(name)
      const notes = described.has(`${name}.json`) ? readNotes(opened, name, told) : defaultNotes(told)
      const { kind, takenAt, count } = told ?? {
        kind: 'manual',
        takenAt: timeOfFolder(opened, name),
        count: 1,
      }
      return { name, kind, takenAt, count, after: notes.after, notes }
    }),
  )
}

/** Names of the folders that are snapshots, in no order. A link is none, wherever it points to. */
export function snapshotNames(opened: OpenedCartridge): string[] {
  return directoryEntries(opened.snapshots)
    .filter((entry) => entry.isDirectory() && isPossibleName(entry.name))
    .map(({ name }) => name)
}

/** Snapshots that stand side by side, oldest first, as the timeline shows them. */
export function asSnapshots(known: readonly Known[]): Snapshot[] {
  return known.map((snapshot, index) => ({
    ...asSnapshot(snapshot),
    ...sizesOf(snapshot.notes, known[index - 1]?.name ?? null, known[index + 1]?.name ?? null),
  }))
}

/** One of which nobody knows where it stands, so nothing that was measured of it counts. */
export function asSnapshot({ name, kind, takenAt, notes }: Known): Snapshot {
  const { pinned, note, healthy, consistency, pauseMs, osLabel } = notes
  return {
    name,
    kind,
    takenAt,
    note,
    pinned,
    healthy,
    consistency,
    pauseMs,
    osLabel,
    exclusiveBytes: null,
    writtenBytes: null,
  }
}

/** A try of which a power cut was the end still calls itself running. */
function phaseNow({ phase, state }: Try, played: string | null): TryPhase {
  return phase === 'running' && state.path !== played ? 'ended' : phase
}

/** The former present that a rolling back saved, as long as it is there. */
function undoTarget(opened: OpenedCartridge): string | null {
  const present = opened.present()
  const saved = present && readStateNotes(present.path).saved
  return saved && isPossibleName(saved) && isFolder(join(opened.snapshots, saved)) ? saved : null
}

/** Of a folder that was named by hand. */
function timeOfFolder(opened: OpenedCartridge, name: string): string {
  const stats = lstatSync(join(opened.snapshots, name), { throwIfNoEntry: false })
  return (stats?.mtime ?? new Date(0)).toISOString()
}
