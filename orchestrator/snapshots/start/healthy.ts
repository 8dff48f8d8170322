import { dirname, join } from 'node:path'
import { isFolder, openCartridge, withCartridgeLock } from '../../cartridges/index.ts'
import { readJson, writeFileAtomic } from '../../host/atomic.ts'
import type { Machine } from '../../host/machine.ts'
import { keepReserve } from '../../space/index.ts'
import { noteHealthy } from '../state-notes.ts'
import { isPossibleName } from '../timeline/names.ts'
import { changeNotes, readNotes } from '../timeline/notes.ts'

/** What the console starts with now, and the snapshot that holds just that. */
export type Started = { cartridge: string; state: string; snapshot: string | null }

/** For the time until the console is healthy or not, so it need not survive the machine. Throws errno. */
export function recordStarted(machine: Machine, started: Started): void {
  writeFileAtomic(recordPath(machine), `${JSON.stringify(started)}\n`)
}

/** What changes a cartridge meanwhile may take its time, and what is known good is worth waiting for. */
const waitMs = 60_000

/**
 * The console became healthy with this state: it did help, and the snapshot that equals what it was started from is known
 * good. Throws errno, DeskvisorError `busy`, `no-such-cartridge`, `read-only`, `no-space`.
 */
export async function markHealthy(machine: Machine, name: string, statePath: string): Promise<void> {
  const record = readJson(recordPath(machine))
  const { cartridge, state, snapshot } = (record ?? {}) as Partial<Record<keyof Started, unknown>>
  if (cartridge !== name || state !== statePath) return
  const note = () => {
    const opened = openCartridge(machine, name)
    if (dirname(statePath) === opened.states && isFolder(statePath)) noteHealthy(statePath)
    if (typeof snapshot !== 'string' || !isPossibleName(snapshot)) return
    if (!isFolder(join(opened.snapshots, snapshot)) || readNotes(opened, snapshot).healthy) return
    changeNotes(opened, snapshot, { healthy: true })
  }
  // Whoever pins a snapshot, or sweeps, holds the lock: neither change may undo the other.
  await withCartridgeLock(machine, name, note, { waitMs })
  await keepReserve(machine)
}

function recordPath(machine: Machine): string {
  return join(machine.paths.run, 'started-from.json')
}
