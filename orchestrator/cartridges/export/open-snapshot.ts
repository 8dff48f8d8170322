import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { isReadOnlyError } from '../../host/storage-error.ts'
import { layout, stateFiles } from '../layout.ts'
import { withCartridgeLock } from '../lock.ts'
import { isRunning } from '../running.ts'
import { cartridgeAtSnapshot } from '../snapshot.ts'
import { type StateStore, stateStore } from '../store/index.ts'
import type { Cartridge } from '../types.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'

/** A disk that stays readable whatever happens to its cartridge, and what it was like when it was opened. */
export type OpenSnapshot = { disk: FileHandle; version: string }

/**
 * Opens the disk of a snapshot or of the present. An open file outlives its name, so the lock is needed for this moment
 * only. On btrfs, what is opened of the present is a snapshot of it that has no name any more: nothing writes to that.
 * Throws DeskvisorError `no-such-snapshot` (exit 2), `no-cartridge`, `in-use`, `busy`.
 */
export async function openSnapshot(
  machine: Machine,
  name: string,
  snapshot: string | undefined,
): Promise<OpenSnapshot> {
  return withCartridgeLock(machine, name, async () => {
    const cartridge = cartridgeAtSnapshot(machine, name, snapshot)
    const store = stateStore(cartridge.folder)
    if (snapshot === undefined && store.kind === 'btrfs') {
      const copied = await openedCopy(store, cartridge)
      if (copied !== undefined) return copied
    }
    if (snapshot === undefined && (await isRunning(machine, name))) {
      throw new DeskvisorError(
        'in-use',
        `${name} is running and cannot be exported now on this filesystem.`,
        {
          next: 'Shut the desktop down first, or export one of its moments.',
        },
      )
    }
    return opened(cartridge.disk)
  })
}

/** Undefined where the filesystem is read-only: then nobody writes to the present either, and it can still be saved. */
async function openedCopy(
  store: StateStore,
  { folder, state }: Cartridge,
): Promise<OpenSnapshot | undefined> {
  const copy = join(layout(folder).states, `${unfinishedPrefix}export`)
  try {
    await store.remove(copy)
    await store.copy(state, copy, { readOnly: true })
  } catch (error) {
    if (isReadOnlyError(error)) return undefined
    throw error
  }
  try {
    return await opened(stateFiles(copy).disk)
  } finally {
    await store.remove(copy)
  }
}

async function opened(path: string): Promise<OpenSnapshot> {
  const disk = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  return { disk, version: await versionOf(disk) }
}

/** Differs once somebody wrote to the disk. Its links do not matter: an open file may lose its name. */
export async function versionOf(disk: FileHandle): Promise<string> {
  const { mtimeNs, size } = await disk.stat({ bigint: true })
  return `${mtimeNs} ${size}`
}
