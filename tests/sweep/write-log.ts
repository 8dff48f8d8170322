import { closeSync, openSync, readSync } from 'node:fs'

/** One record of the dm-log-writes format (kernel: drivers/md/dm-log-writes.c; QEMU's blklogwrites writes the same). */
export type LoggedWrite = {
  /** Bytes from the start of the disk. */
  offset: number
  length: number
  /** Where the data stands in the log; null for a discard, which has none. */
  dataAt: number | null
  /** Everything before this record is on the disk for good. */
  flush: boolean
  /** This record itself is. */
  fua: boolean
}

const magic = 0x6a736677736872n
const flags = { flush: 1n, fua: 2n, discard: 4n }

/** Reads a log from `from` bytes on (0: from the start); tells where the next record will stand. Unfinished records are left for later. */
export function readWriteLog(file: string, from = 0): { records: LoggedWrite[]; end: number } {
  const descriptor = openSync(file, 'r')
  try {
    const read = (length: number, at: number) => {
      const buffer = Buffer.alloc(length)
      return readSync(descriptor, buffer, 0, length, at) === length ? buffer : null
    }
    const head = read(28, 0)
    if (head === null) return { records: [], end: 0 }
    if (head.readBigUInt64LE(0) !== magic) throw new Error(`${file} is no log of writes`)
    const sector = head.readUInt32LE(24)
    const records: LoggedWrite[] = []
    let at = Math.max(from, sector)
    for (;;) {
      const entry = read(32, at)
      if (entry === null) return { records, end: at }
      const length = Number(entry.readBigUInt64LE(8)) * sector
      const set = entry.readBigUInt64LE(16)
      const hasData = (set & flags.discard) === 0n && length > 0
      const next = at + sector + (hasData ? length : 0)
      if (hasData && read(1, next - 1) === null) return { records, end: at }
      records.push({
        offset: Number(entry.readBigUInt64LE(0)) * sector,
        length,
        dataAt: hasData ? at + sector : null,
        flush: (set & flags.flush) !== 0n,
        fua: (set & flags.fua) !== 0n,
      })
      at = next
    }
  } finally {
    closeSync(descriptor)
  }
}
