import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'
import { isSnapshotName } from './description.ts'
import { cartridgeAtState, readCartridge } from './inspect.ts'
import { layout } from './layout.ts'
import type { Cartridge } from './types.ts'

/**
 * The cartridge as it is now, or as it was at a snapshot. `name` is the exact name.
 * Throws DeskvisorError `no-such-snapshot` (exit 2), `no-cartridge`.
 */
export function cartridgeAtSnapshot(machine: Machine, name: string, snapshot: string | undefined): Cartridge {
  if (snapshot === undefined) return readCartridge(machine, name)
  const { snapshots } = layout(join(machine.paths.cartridges, name))
  expectSnapshot(snapshots, snapshot)
  return cartridgeAtState(machine, name, join(snapshots, snapshot))
}

/** Throws DeskvisorError `no-such-snapshot` (exit 2) when the folder of snapshots has no such one. */
export function expectSnapshot(folder: string, snapshot: string): void {
  if (isSnapshotName(snapshot) && existsSync(join(folder, snapshot))) return
  throw new DeskvisorError('no-such-snapshot', `There is no moment with the name ${shown(snapshot)}.`, {
    next: { do: 'see', command: 'deskvisor snapshot list' },
    snapshot: snapshot,
  })
}
