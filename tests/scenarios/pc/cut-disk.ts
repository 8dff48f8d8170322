import { execFile } from 'node:child_process'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { LoggedWrite } from '../../sweep/write-log.ts'
import { findPartition } from '../container/gpt.ts'

const run = promisify(execFile)

type Partition = { offset: number; length: number }

/** Takes one partition out of a qcow2 disk, as a raw file; returns where it lies on the disk. */
export async function extractPartition(disk: string, name: string, file: string): Promise<Partition> {
  const slice = (offset: number, length: number, to: string) => {
    const source = `driver=raw,offset=${offset},size=${length},file.driver=qcow2,file.file.filename=${disk}`
    return run('qemu-img', ['convert', '--image-opts', source, '-O', 'raw', to])
  }
  const table = `${file}.table`
  await slice(0, 2 ** 20, table)
  const partition = findPartition(table, name)
  rmSync(table)
  await slice(partition.offset, partition.length, file)
  return partition
}

/**
 * Makes a partition what it was when the power went after `count` records: all that was flushed by then is there, and of
 * what was written since, `keeps` says what arrived.
 */
export function replayWrites(options: {
  records: readonly LoggedWrite[]
  count: number
  log: string
  file: string
  partition: Partition
  keeps: () => boolean
}): void {
  const { records, count, log, file, partition, keeps } = options
  const flushed = records.slice(0, count).findLastIndex(({ flush, fua }) => flush || fua)
  const source = openSync(log, 'r')
  const target = openSync(file, 'r+')
  try {
    for (const [index, record] of records.slice(0, count).entries()) {
      if (record.dataAt === null || (index > flushed && !keeps())) continue
      const at = record.offset - partition.offset
      if (at < 0 || at + record.length > partition.length) continue
      const data = Buffer.allocUnsafe(record.length)
      readSync(source, data, 0, record.length, record.dataAt)
      writeSync(target, data, 0, record.length, at)
    }
  } finally {
    closeSync(source)
    closeSync(target)
  }
}
