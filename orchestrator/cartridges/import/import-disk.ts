import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../../host/machine.ts'
import { chunksOf } from '../disks/chunks.ts'
import { checkDiskSize } from '../disks/space.ts'
import { finishDisk } from '../disks/sparse-file.ts'
import type { Progress } from '../types.ts'
import { importImage } from './convert.ts'
import { copyRaw } from './copy-raw.ts'
import { decompress } from './decompress.ts'
import { type Format, formatOf, headBytes, type ImageFormat } from './formats.ts'
import { neededBytes } from './partition-table.ts'
import { peek } from './peek.ts'
import { refused } from './refused.ts'
import type { Source } from './source.ts'
import { writeStream } from './write-stream.ts'

export type DiskImport = {
  machine: Machine
  /** The unfinished cartridge, on the filesystem that is written to. */
  folder: string
  source: Source
  /** Where the raw disk is to be. */
  to: string
  onProgress: Progress
  signal: AbortSignal | undefined
}

/** Throws DeskvisorError `bad-disk`, `bad-size` (exit 2) for what is refused at first sight, before anything is made. */
export function refuseAtSight(source: Source, folder: string): void {
  const format = formatOf(source.head)
  refuseForeign(source.name, format)
  if (format.kind !== 'raw' || source.kind === 'stream') return
  checkDiskSize(folder, source.size)
  refuseCutOff(source.name, source.head, source.size)
}

/** Makes a raw disk of the source, whatever it is in, with whole sectors, synced. Throws DeskvisorError as importCartridge. */
export async function importDisk(disk: DiskImport): Promise<void> {
  const { source, to } = disk
  const format = formatOf(source.head)
  if (format.kind === 'raw' && source.kind === 'file') await copyRaw({ ...disk, source })
  else if (format.kind === 'image' && source.kind === 'file')
    await importImage({ ...disk, ...source, format: format.format })
  else await importStream(disk)
  const { size } = await stat(to)
  const whole = Math.ceil(size / 512) * 512
  await finishDisk(to, whole)
  disk.onProgress(whole, whole)
}

/** The source as a stream that tells its progress, of which reading it may be half; of a pipe nobody knows where it ends. */
async function* bytesOf(
  { source, onProgress, signal }: DiskImport,
  reading: { share: number },
): AsyncGenerator<Buffer> {
  const size = source.kind === 'file' ? source.size : 0
  const bytes = source.kind === 'file' ? chunksOf(source.file, size) : source.bytes
  let done = 0
  for await (const chunk of bytes) {
    signal?.throwIfAborted()
    yield chunk
    done += chunk.length
    onProgress(Math.floor(done * reading.share), size)
  }
}

async function importStream(disk: DiskImport): Promise<void> {
  const { source, signal } = disk
  const format = formatOf(source.head)
  const reading = { share: 1 }
  const bytes = bytesOf(disk, reading)
  if (format.kind !== 'compressed') return importPlainStream(disk, format, source.head, bytes, reading)
  const decompressed = decompress(format.compression, bytes, source.name, signal)
  try {
    const inside = await peek(decompressed, headBytes)
    if (inside.head.length === 0) throw refused(source.name, 'is empty inside')
    const inner = formatOf(inside.head)
    refuseForeign(source.name, inner)
    if (inner.kind === 'compressed')
      throw refused(source.name, 'is compressed twice', 'Decompress it once first.')
    await importPlainStream(disk, inner, inside.head, inside.rest, reading)
  } finally {
    // Of what is refused at sight nobody reads the rest, and the program that decompresses would wait for that for ever.
    await decompressed.return(undefined)
  }
}

async function importPlainStream(
  disk: DiskImport,
  format: Format,
  head: Buffer,
  bytes: AsyncIterable<Buffer>,
  reading: { share: number },
): Promise<void> {
  const { folder, source, to, signal } = disk
  if (format.kind === 'image') {
    reading.share = 0.5
    return importSpooled(disk, format.format, bytes)
  }
  const size = await writeStream(to, folder, bytes, signal)
  refuseCutOff(source.name, head, size)
}

/** An image can only be read from a file: the stream is written down first, and that is half of the work. */
async function importSpooled(
  disk: DiskImport,
  format: ImageFormat,
  bytes: AsyncIterable<Buffer>,
): Promise<void> {
  const { folder, source, onProgress, signal } = disk
  const spool = join(folder, 'spool')
  const size = await writeStream(spool, folder, bytes, signal)
  const file = await open(spool, 'r')
  try {
    const image = { ...disk, name: source.name, file, size, format }
    await importImage({
      ...image,
      onProgress: source.kind === 'file' ? secondHalf(source.size, onProgress) : onProgress,
    })
  } finally {
    await file.close()
    await rm(spool, { force: true })
  }
}

function secondHalf(total: number, onProgress: Progress): Progress {
  return (done, of) => onProgress(Math.floor((total * (1 + done / of)) / 2), total)
}

function refuseForeign(name: string, format: Format): void {
  if (format.kind === 'foreign') throw refused(name, `is ${format.name}; expected a disk image`, format.hint)
}

function refuseCutOff(name: string, head: Buffer, size: number): void {
  const needed = neededBytes(head)
  if (needed <= size) return
  throw refused(
    name,
    `was cut off: its partition table needs ${needed} bytes, and it has ${size}`,
    'Copy or download it again.',
  )
}
