import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, readTextOr, writeFileAtomic } from '../../host/atomic.ts'
import { deviceNumber } from '../../host/device-number.ts'
import type { Source } from './source.ts'

export type Resume = {
  /** What tells the source from every other, and from itself after a change. */
  source: string
  /** Bytes that are on the disk for good. */
  done: number
}

/** In the unfinished folder. */
export function resumePath(folder: string): string {
  return join(folder, 'import.json')
}

export function readResume(folder: string): Resume | undefined {
  const value = readJson(resumePath(folder))
  if (typeof value !== 'object' || value === null || !('source' in value) || !('done' in value))
    return undefined
  const { source, done } = value
  if (typeof source !== 'string' || !Number.isSafeInteger(done) || Number(done) < 0) return undefined
  return { source, done: Number(done) }
}

export function writeResume(folder: string, resume: Resume): void {
  writeFileAtomic(resumePath(folder), `${JSON.stringify(resume)}\n`)
}

/**
 * What tells an unchanged source: of a file its path, size and times; of a block device that nobody unplugged it or wrote
 * to it since, which can be known only while this boot lasts. Undefined when it cannot be known, and for streams.
 */
export async function identityOf(source: Source, sys = '/sys', proc = '/proc'): Promise<string | undefined> {
  if (source.kind === 'stream') return undefined
  const stats = await source.file.stat({ bigint: true })
  if (!source.isDevice) {
    return JSON.stringify([
      'file',
      realpathSync(source.path),
      source.size,
      `${stats.mtimeNs}`,
      `${stats.ctimeNs}`,
    ])
  }
  const number = Number(stats.rdev)
  const device = wholeDevice(sys, deviceNumber(number))
  const boot = readTextOr(join(proc, 'sys/kernel/random/boot_id'), '').trim()
  if (device === undefined || boot === '') return undefined
  return JSON.stringify(['device', boot, number, source.size, device.sequence, device.writtenSectors])
}

/**
 * Of the disk that a device number belongs to: its number in the order in which disks appeared
 * (Documentation/ABI/stable/sysfs-block, "diskseq") and how many sectors were written to it ("stat", the 7th field).
 */
function wholeDevice(sys: string, number: string): { sequence: string; writtenSectors: string } | undefined {
  const folder = join(sys, 'dev/block', number)
  const isPartition = readTextOr(join(folder, 'partition'), undefined) !== undefined
  const disk = isPartition ? join(realpathSync(folder), '..') : folder
  const sequence = readTextOr(join(disk, 'diskseq'), '').trim()
  const writtenSectors = readTextOr(join(disk, 'stat'), '').trim().split(/\s+/)[6]
  return sequence === '' || writtenSectors === undefined ? undefined : { sequence, writtenSectors }
}
