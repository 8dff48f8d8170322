import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../host/machine.ts'
import { makeRoom } from '../disks/space.ts'
import { layout, stateFiles } from '../layout.ts'
import { storeFolder } from '../lock.ts'
import { completeState, expectFirmware, firstState } from '../make/new-state.ts'
import { buildCartridge, cancelled } from '../make/unfinished.ts'
import { refuseTakenName } from '../names/known.ts'
import { checkedName } from '../names/names.ts'
import type { Cartridge, Progress } from '../types.ts'
import { importDisk, refuseAtSight } from './import-disk.ts'
import { identityOf, readResume, resumePath } from './resume.ts'
import { closeSource, openSource } from './source.ts'

export type ImportRequest = {
  machine: Machine
  /** A file or block device, or `-` for standard input. */
  file: string
  name: string
  title?: string
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Makes a cartridge from a disk image: raw, qcow2, vmdk or vhdx, also inside xz, gzip or zstd; what it is, its first bytes
 * say. It is built under another name and renamed at the end, so a crash leaves no half cartridge; an error or abort
 * leaves nothing at all. Images that name other files, are encrypted, damaged or cut off are refused.
 *
 * After a crash, or when Deskvisor was told to end (an abort with `interruption()` as its reason), an import of the same source under the same name goes on where the last one was (at most 256 MiB before
 * it ended) when the source is a raw file that has not changed, or a raw block device that stayed plugged in and was not
 * written to since, in the same boot. Everything else starts anew, and any other import sweeps what was left.
 *
 * Throws DeskvisorError `bad-name`, `name-taken`, `bad-disk`, `bad-size` (all exit 2), `no-space`, `busy`, `cancelled`,
 * `no-firmware`, `tool-missing`, `import-failed`.
 */
export async function importCartridge(request: ImportRequest): Promise<Cartridge> {
  const { machine, title, signal, onProgress = () => {} } = request
  const name = checkedName(request.name)
  const store = storeFolder(machine)
  refuseTakenName(machine, name)
  const source = await openSource(request.file, signal).catch((error: unknown) => {
    throw signal?.aborted ? cancelled(signal, false) : error
  })
  try {
    refuseAtSight(source, store)
    expectFirmware(machine)
    await makeRoom(machine, 0)
    const identity = await identityOf(source)
    return await buildCartridge({
      machine,
      name,
      kind: 'import',
      about: title ? { title } : {},
      signal,
      continues: (folder) => canContinue(folder, identity),
      // Who was ended while the machine shuts down wants to go on afterwards; who cancels wants it gone.
      keepsHalf: (folder) => canContinue(folder, identity),
      async fill(folder) {
        const state = await firstState(folder)
        await importDisk({ machine, folder, source, to: stateFiles(state).disk, onProgress, signal })
        completeState(machine, state)
        rmSync(resumePath(folder), { force: true })
      },
    })
  } finally {
    await closeSource(source)
  }
}

function canContinue(folder: string, identity: string | undefined): boolean {
  const { disk } = stateFiles(join(layout(folder).states, '0001'))
  return identity !== undefined && readResume(folder)?.source === identity && existsSync(disk)
}
