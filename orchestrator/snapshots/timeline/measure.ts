import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type OpenedCartridge, openCartridge } from '../../cartridges/index.ts'
import { subvolumeInfo } from '../../host/btrfs.ts'
import { bytesWrittenAfter } from '../../host/btrfs-search.ts'
import { isErrno, sentenceOf } from '../../host/errors.ts'
import { allocatedBytes } from '../../host/extents.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import type { LongWork } from '../types.ts'
import type { Notes } from './notes.ts'
import { Results } from './results.ts'
import { presentMark } from './sizes.ts'
import { type Known, knownSnapshots } from './timeline.ts'

/**
 * Measures what is not known yet of each snapshot, newest first, and notes it: bytes that it alone holds, and bytes that
 * were written since the one before. Looks at extents and metadata, never at data, and holds the lock only to write down
 * a few results at a time. All is measured again when the neighbours changed that it is about. `failed` names those that
 * could not be measured or noted now. Throws DeskvisorError `no-such-cartridge` (exit 2), `timeline-unusable`; the signal's reason.
 */
export async function measureSizes(
  machine: Machine,
  name: string,
  { onProgress, signal }: LongWork = {},
): Promise<{ failed: string[] }> {
  const opened = openCartridge(machine, name)
  const snapshots = knownSnapshots(opened)
  const failed: string[] = []
  const results = new Results(opened)
  for (const [index, snapshot] of [...snapshots.entries()].reverse()) {
    signal?.throwIfAborted()
    onProgress?.(snapshots.length - 1 - index, snapshots.length)
    const previous = snapshots[index - 1]
    const next = snapshots[index + 1]?.name ?? presentKey(opened)
    try {
      const measured = await measure(opened, snapshot, previous, next)
      if (Object.keys(measured).length > 0) await results.add(snapshot.name, measured)
    } catch (error) {
      // Somebody removed it meanwhile.
      log.debug(`${snapshot.name} cannot be measured: ${sentenceOf(error)}`)
      failed.push(snapshot.name)
    }
  }
  return { failed: [...failed, ...(await results.noteAll())] }
}

async function measure(
  opened: OpenedCartridge,
  { name, notes }: Known,
  previous: Known | undefined,
  next: string | null,
): Promise<Partial<Notes>> {
  const path = join(opened.snapshots, name)
  const before = previous?.name ?? null
  const isKnown = notes.exclusive?.previous === before && notes.exclusive.next === next
  return {
    ...(!isKnown && { exclusive: { bytes: await exclusiveBytes(path), previous: before, next } }),
    ...(notes.written?.previous !== before && {
      written: {
        bytes: await writtenBytes(opened, path, previous && join(opened.snapshots, previous.name)),
        previous: before,
      },
    }),
  }
}

/** The newest snapshot shares with the present, less with every write. */
function presentKey(opened: OpenedCartridge): string | null {
  const present = opened.present()
  if (present === null) return null
  if (opened.store.kind !== 'btrfs') return `${presentMark}${present.number}`
  return `${presentMark}${present.number} at ${subvolumeInfo(present.path).generation}`
}

async function exclusiveBytes(folder: string): Promise<number> {
  let sum = 0
  for (const { path, blocks } of await filesOf(folder)) {
    try {
      sum += (await allocatedBytes(path)).exclusive
    } catch (error) {
      // A filesystem that cannot tell does not share blocks either.
      if (!isErrno(error, 'EOPNOTSUPP', 'ENOTTY')) throw error
      sum += blocks * 512
    }
  }
  return sum
}

async function writtenBytes(
  opened: OpenedCartridge,
  path: string,
  previous: string | undefined,
): Promise<number> {
  if (opened.store.kind === 'btrfs') {
    return bytesWrittenAfter(path, previous === undefined ? 0n : subvolumeInfo(previous).createdIn)
  }
  // A copy cannot tell what changed inside of a file.
  const before = new Map((previous ? await filesOf(previous) : []).map((file) => [file.name, file]))
  const changed = (await filesOf(path)).filter(({ name, size, mtimeMs }) => {
    const same = before.get(name)
    return same === undefined || same.size !== size || Math.abs(same.mtimeMs - mtimeMs) > 0.01
  })
  return changed.reduce((sum, { blocks }) => sum + blocks * 512, 0)
}

type Measured = { name: string; path: string; size: number; blocks: number; mtimeMs: number }

async function filesOf(folder: string): Promise<Measured[]> {
  const files: Measured[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    const stats = await lstat(path)
    if (stats.isFile())
      files.push({ name, path, size: stats.size, blocks: stats.blocks, mtimeMs: stats.mtimeMs })
  }
  return files
}
