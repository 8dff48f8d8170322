import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'

/** Disk formats that are not raw, by the bytes they begin with. */
const otherFormats = [
  { format: 'qcow2', magic: 'QFI\xfb' },
  { format: 'vmdk', magic: 'KDMV' },
  { format: 'vhdx', magic: 'vhdxfile' },
  { format: 'xz', magic: '\xfd7zXZ' },
  { format: 'gzip', magic: '\x1f\x8b' },
  { format: 'zstd', magic: '\x28\xb5\x2f\xfd' },
] as const

export type Source = {
  /** Bytes of the disk, a multiple of 512. */
  size: number
  /** Bytes that the source really occupies; for a block device all of it. */
  allocated: number
}

/** Looks at what is to be imported. Throws DeskvisorError `bad-disk` (exit 2) for anything but a raw disk. */
export async function inspectSource(path: string): Promise<Source> {
  const file = await openDisk(path)
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw refused(path, 'is a folder; expected a disk image or a block device')
    if (!stats.isFile() && !stats.isBlockDevice()) throw refused(path, 'is neither a file nor a block device')
    const size = stats.isFile() ? stats.size : await deviceSize(file)
    if (size === 0) throw refused(path, 'is empty')
    const head = Buffer.alloc(16)
    await file.read(head, 0, head.length, 0)
    const other = otherFormats.find(({ magic }) => head.toString('latin1').startsWith(magic))
    if (other) throw refused(path, `is a ${other.format} file; expected a raw disk`)
    return {
      size: Math.ceil(size / 512) * 512,
      allocated: stats.isFile() ? Math.min(size, stats.blocks * 512) : size,
    }
  } finally {
    await file.close()
  }
}

/** Without waiting, because opening a named pipe would wait for a writer. */
async function openDisk(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw refused(path, `cannot be opened: ${sentenceOf(error)}`)
  }
}

/** A block device has no size in fstat(2); its end is where reading stops, found by halving. */
async function deviceSize(file: FileHandle): Promise<number> {
  const byte = Buffer.alloc(1)
  const readable = async (at: number) => (await file.read(byte, 0, 1, at)).bytesRead === 1
  let low = 0
  let high = 2 ** 50
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await readable(middle)) low = middle + 1
    else high = middle
  }
  return low
}

function refused(path: string, what: string): DeskvisorError {
  const hint = what.includes('expected a raw disk')
    ? `Convert it first: qemu-img convert -O raw ${path} disk.raw`
    : undefined
  return new DeskvisorError('bad-disk', `${path} ${what}.`, { exitCode: 2, ...(hint ? { hint } : {}) })
}
