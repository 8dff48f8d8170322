import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { isReadOnlyError } from '../host/storage-error.ts'
import { writeDiskFile } from './export/disk-file.ts'
import { type OpenMoment, openMoment, versionOf } from './export/open-moment.ts'
import { writeToOutput } from './export/to-output.ts'
import { knownName } from './known.ts'
import type { Progress } from './types.ts'

export type ExportRequest = {
  root: string
  name: string
  /** The moment to export; the present unless given. */
  snapshot?: string
  /** A new file, or `-` for standard output. */
  file: string
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Writes the disk of a cartridge, or of one of its moments, into a new file: raw and sparse, or qcow2 when the name ends
 * in `.qcow2`; `-` is standard output, raw. A disk for data is not part of it. It is written beside and gets its name at the end, never that of a file that
 * is there. On btrfs the present can be exported while it runs (as after a power cut); elsewhere it must not run, and
 * starting it meanwhile ends the export. Progress is in bytes of the disk.
 * Throws DeskvisorError `bad-name`, `no-such-cartridge`, `no-such-snapshot`, `file-exists`, `bad-file` (all exit 2),
 * `no-cartridge`, `in-use`, `no-space`, `cancelled`, `tool-missing`, `export-failed`, `busy`.
 */
export async function exportCartridge(request: ExportRequest): Promise<void> {
  const { root, snapshot, signal, onProgress = () => {} } = request
  const name = knownName(root, request.name)
  const file = request.file === '-' ? '-' : resolve(request.file)
  if (file !== '-' && existsSync(file)) {
    throw new DeskvisorError('file-exists', `${file} is there already; an export never writes over a file.`, {
      hint: 'Choose another name.',
      exitCode: 2,
    })
  }
  const moment = await openMoment(root, name, snapshot)
  try {
    signal?.throwIfAborted()
    const work = { disk: moment.disk, onProgress, signal, verify: () => expectUnchanged(moment, name) }
    if (file === '-') await writeToOutput(work)
    else await writeDiskFile({ ...work, file })
  } catch (error) {
    throw asExportError(error, signal)
  } finally {
    await moment.disk.close()
  }
}

async function expectUnchanged(moment: OpenMoment, name: string): Promise<void> {
  if ((await versionOf(moment.disk)) === moment.version) return
  throw new DeskvisorError(
    'export-failed',
    `${name} was started while it was exported; the file was not kept.`,
    {
      hint: 'Export it again, or export one of its moments.',
    },
  )
}

function asExportError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new DeskvisorError('cancelled', 'It was cancelled; no file was kept.')
  if (error instanceof DeskvisorError) return error
  const sentence = sentenceOf(error)
  if (/ENOSPC|EDQUOT|No space left on device|quota exceeded/i.test(sentence)) {
    return new DeskvisorError('no-space', 'The place of the file became full; no file was kept.', {
      cause: error,
    })
  }
  if (isReadOnlyError(error)) {
    return new DeskvisorError('read-only', 'The place of the file can only be read; no file was kept.', {
      hint: 'Choose a folder on another drive.',
      cause: error,
    })
  }
  if (/EFBIG|File too large/.test(sentence)) {
    return new DeskvisorError('export-failed', 'The filesystem there cannot hold a file of this size.', {
      hint: 'FAT32 ends at 4 GiB: use another drive, or one with exFAT.',
      cause: error,
    })
  }
  return new DeskvisorError('export-failed', `The export failed: ${sentence}; no file was kept.`, {
    cause: error,
  })
}
