import { resolve } from 'node:path'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { knownName } from '../names/known.ts'
import type { Progress } from '../types.ts'
import { writeDiskFile } from './disk-file.ts'
import { exportFailure } from './failure.ts'
import { type OpenSnapshot, openSnapshot, versionOf } from './open-snapshot.ts'
import { expectNewFile } from './target.ts'
import { refuseTerminal, writeToOutput } from './to-output.ts'

export type ExportRequest = {
  machine: Machine
  name: string
  /** The snapshot to export; the present unless given. */
  snapshot?: string
  /** A new file, or `-` for standard output. */
  file: string
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Writes the disk of a cartridge, or of one of its snapshots, into a new file: raw and sparse, or qcow2 when the name ends
 * in `.qcow2`; `-` is standard output, raw. A disk for data is not part of it. It is written beside and gets its name at the end, never that of a file that
 * is there. On btrfs the present can be exported while it runs (as after a power cut); elsewhere it must not run, and
 * starting it meanwhile ends the export. Progress is in bytes of the disk.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge`, `no-such-snapshot`, `file-exists`, `bad-file` (all exit 2),
 * `no-cartridge`, `in-use`, `no-space`, `read-only`, `cancelled`, `tool-missing`, `export-failed`, `busy`, and for
 * standard output `output-failed` (exit 3).
 */
export async function exportCartridge(request: ExportRequest): Promise<void> {
  const { machine, snapshot, signal, onProgress = () => {} } = request
  const name = knownName(machine, request.name)
  const file = request.file === '-' ? '-' : resolve(request.file)
  if (file === '-') refuseTerminal()
  else expectNewFile(file)
  const source = await openSnapshot(machine, name, snapshot)
  try {
    if (signal?.aborted) throw exportFailure(signal.reason, signal, 'nothing was written')
    const work = { disk: source.disk, onProgress, signal, verify: () => expectUnchanged(source, name) }
    if (file === '-') await writeToOutput(work)
    else await writeDiskFile({ ...work, file })
  } finally {
    await source.disk.close()
  }
}

async function expectUnchanged(source: OpenSnapshot, name: string): Promise<void> {
  if ((await versionOf(source.disk)) === source.version) return
  throw new DeskvisorError('export-failed', `${name} was started while it was exported.`, {
    next: 'Export it again, or export one of its moments.',
  })
}
