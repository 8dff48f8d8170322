import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, syncFolder } from '../../host/atomic.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { copyDataDisk } from '../disks/data-disk.ts'
import { makeRoom } from '../disks/space.ts'
import { layout, stateFiles } from '../layout.ts'
import { withCartridgeLock } from '../lock.ts'
import { describeState, giveToConsole } from '../make/new-state.ts'
import { buildCartridge } from '../make/unfinished.ts'
import { knownName } from '../names/known.ts'
import { checkedName } from '../names/names.ts'
import { isRunning } from '../running.ts'
import { cartridgeAtSnapshot } from '../snapshot.ts'
import { stateStore } from '../store/index.ts'
import type { Cartridge, Progress } from '../types.ts'

export type CloneRequest = {
  machine: Machine
  name: string
  newName: string
  /** The snapshot to clone; the present unless given. */
  snapshot?: string
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Makes a second cartridge from one, or from one of its snapshots: the disk is shared where the filesystem can share, the
 * UEFI variables are copied, the UUID is new and the TPM empty, so that the two are different machines. A disk for data is
 * copied as it is now, from whatever snapshot the rest is. On btrfs this works while the original runs; elsewhere its
 * present cannot be copied then.
 * Throws DeskvisorError `bad-name`, `name-taken`, `no-such-cartridge`, `no-such-snapshot` (all exit 2), `no-cartridge`,
 * `in-use`, `no-space`, `cancelled`, `busy`.
 */
export async function cloneCartridge(request: CloneRequest): Promise<Cartridge> {
  const { machine, snapshot, signal } = request
  const newName = checkedName(request.newName)
  const name = knownName(machine, request.name)
  const { title, freeze } = cartridgeAtSnapshot(machine, name, snapshot)
  await makeRoom(machine, 0)
  return buildCartridge({
    machine,
    name: newName,
    kind: 'new',
    about: { note: `Copy of ${title}`, ...(freeze ? {} : { freeze }) },
    signal,
    async fill(folder) {
      const { states } = layout(folder)
      makeFolder(states)
      const state = join(states, '0001')
      // The present may be replaced by a roll back, and a snapshot be deleted, but not meanwhile.
      await withCartridgeLock(machine, name, () => copyDisks({ ...request, name }, folder, state))
      makeDifferent(machine, state)
    },
  })
}

async function copyDisks(
  { machine, name, snapshot, onProgress, signal }: CloneRequest,
  folder: string,
  state: string,
): Promise<void> {
  const store = stateStore(folder)
  if (snapshot === undefined && store.kind === 'copy' && (await isRunning(machine, name))) {
    throw new DeskvisorError('in-use', `${name} is running and cannot be copied now on this filesystem.`, {
      next: 'Shut the desktop down first, or copy one of its moments.',
    })
  }
  const original = cartridgeAtSnapshot(machine, name, snapshot)
  const { size } = statSync(original.disk)
  const dataBytes = original.dataDisk === null ? 0 : statSync(original.dataDisk).size
  signal?.throwIfAborted()
  await store.copy(original.state, state, {
    readOnly: false,
    onProgress: (done, total) => onProgress?.(done, total + dataBytes),
    ...(signal ? { signal } : {}),
  })
  await copyDataDisk(machine, original, layout(folder).data, (done) => {
    signal?.throwIfAborted()
    onProgress?.(size + done, size + dataBytes)
  })
  onProgress?.(size + dataBytes, size + dataBytes)
}

function makeDifferent(machine: Machine, state: string): void {
  const files = stateFiles(state)
  rmSync(files.tpm, { recursive: true, force: true })
  mkdirSync(files.tpm, { mode: 0o700 })
  describeState(state)
  giveToConsole(machine, [files.disk, files.uefiVars, files.tpm])
  syncFolder(state)
}
