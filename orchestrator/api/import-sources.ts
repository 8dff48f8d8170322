import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../host/atomic.ts'
import { oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { run } from '../host/process.ts'
import type { ImportSource } from './contract.ts'
import { type Partition, type PluggedDisk, pluggedDisks } from './plugged-disks.ts'

const imageName = /\.(raw|img|qcow2|vmdk|vhdx)(\.(xz|zst|gz))?$/i
/** Folders below the top of a disk that are looked into, and names that are looked at, so that a huge disk costs no minutes. */
const maxDepth = 2
const maxNames = 5000
const mountMs = 20_000

/** Disks that were plugged in and that the host does not use, and the disk images on them. Mounts them read-only to look. */
export async function findImportSources(machine: Machine): Promise<ImportSource[]> {
  const found: ImportSource[] = []
  for (const disk of pluggedDisks(machine)) {
    found.push({ path: disk.path, text: `${disk.model} (the whole disk)`, bytes: disk.bytes })
    for (const partition of disk.partitions) {
      const folder = await mountedAt(machine, partition)
      if (folder !== undefined) found.push(...imagesBelow(folder, disk))
    }
  }
  return found
}

/** Where a partition is mounted; undefined when it carries no file system that this machine knows. */
async function mountedAt(machine: Machine, partition: Partition): Promise<string | undefined> {
  if (partition.mountPoint !== undefined || !machine.live) return partition.mountPoint
  const folder = join(machine.paths.run, 'media', partition.name)
  try {
    makeFolder(folder)
  } catch (error) {
    // The disk as a whole can still be chosen.
    log.warning(`${partition.path} cannot be looked into: ${sentenceOf(error)}`)
    return undefined
  }
  const options = ['-o', 'ro,nosuid,nodev,noexec,nosymfollow', partition.path, folder]
  const { status } = await run('mount', options, { timeoutMs: mountMs })
  return status === 0 ? folder : undefined
}

function imagesBelow(top: string, disk: PluggedDisk): ImportSource[] {
  const images: ImportSource[] = []
  const pending = [{ folder: top, depth: 0 }]
  let looked = 0
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const entry of entriesOf(next.folder)) {
      if (++looked > maxNames) return images
      const path = join(next.folder, entry.name)
      if (entry.isDirectory() && next.depth < maxDepth) pending.push({ folder: path, depth: next.depth + 1 })
      // A name with control characters could not be shown as what it is.
      if (!entry.isFile() || !imageName.test(entry.name) || oneLine(path) !== path) continue
      images.push({ path, text: `${path.slice(top.length + 1)} on ${disk.model}`, bytes: sizeOf(path) })
    }
  }
  return images
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
