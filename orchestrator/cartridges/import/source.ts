import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { isErrno, sentenceOf } from '../../host/errors.ts'
import { headBytes } from './formats.ts'
import { peek } from './peek.ts'
import { refused } from './refused.ts'

/** What is imported, opened, with its first bytes. */
export type Source = {
  /** What people call it. */
  name: string
  head: Buffer
} & (
  | {
      kind: 'file'
      path: string
      file: FileHandle
      /** Bytes from its beginning to its end. */
      size: number
      /** Bytes that it really occupies; for a block device all of it. */
      allocated: number
      isDevice: boolean
    }
  | {
      kind: 'stream'
      bytes: AsyncIterable<Buffer>
      /** The abort does not concern the stream any more. */
      release: () => void
    }
)

/**
 * Opens a file or block device, or standard input for `-`; a block device is claimed, so that nothing mounts it
 * meanwhile. An abort ends the reading of a stream also while nothing comes: reading it throws the signal's reason.
 * Throws DeskvisorError `bad-disk` (exit 2) for anything that cannot be read as a disk.
 */
export async function openSource(path: string, signal?: AbortSignal): Promise<Source> {
  return path === '-' ? fromStream(process.stdin, signal) : fromFile(path)
}

export async function closeSource(source: Source): Promise<void> {
  if (source.kind === 'file') await source.file.close()
  else source.release()
}

async function fromStream(
  input: Readable & { isTTY?: boolean },
  signal: AbortSignal | undefined,
): Promise<Source> {
  const name = 'Standard input'
  if (input.isTTY) throw refused(name, 'is a terminal; expected a disk image through a pipe')
  // Nothing else wakes who waits for the next bytes of a pipe that stalls.
  const end = () => input.destroy(asError(signal?.reason))
  const release = () => signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', end)
  try {
    const { head, rest } = await peek(input, headBytes)
    if (head.length === 0) throw refused(name, 'is empty')
    return { kind: 'stream', name, head, bytes: rest, release }
  } catch (error) {
    release()
    throw error
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

async function fromFile(path: string): Promise<Source> {
  const file = await openDisk(path, 0)
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw refused(path, 'is a folder; expected a disk image or a block device')
    const isDevice = stats.isBlockDevice()
    if (!stats.isFile() && !isDevice)
      throw refused(path, 'is neither a file nor a block device', {
        do: 'run',
        text: 'Pipe it in: {command}',
        command: '… import -',
      })
    if (isDevice) await refuseMounted(path)
    const size = isDevice ? await deviceSize(file) : stats.size
    if (size === 0) throw refused(path, 'is empty')
    const head = Buffer.alloc(Math.min(headBytes, size))
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    const allocated = isDevice ? size : Math.min(size, stats.blocks * 512)
    return {
      kind: 'file',
      name: path,
      path,
      file,
      head: head.subarray(0, bytesRead),
      size,
      allocated,
      isDevice,
    }
  } catch (error) {
    await file.close()
    throw isErrno(error) ? refused(path, `cannot be read: ${sentenceOf(error)}`) : error
  }
}

/** Without waiting, because opening a named pipe would wait for a writer. */
async function openDisk(path: string, moreFlags: number): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | moreFlags)
  } catch (error) {
    throw refused(path, `cannot be opened: ${sentenceOf(error)}`)
  }
}

/** O_EXCL without O_CREAT fails with EBUSY when the device or a partition of it is in use; open(2). */
async function refuseMounted(path: string): Promise<void> {
  try {
    await (await open(path, constants.O_RDONLY | constants.O_EXCL)).close()
  } catch (error) {
    if (!isErrno(error, 'EBUSY')) throw error
    throw refused(path, 'is in use, so that it may change while it is read', 'Unmount it first.')
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
