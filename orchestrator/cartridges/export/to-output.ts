import { fstatSync, fsync, write } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import { isReaderGone } from '../../host/output.ts'
import { chunksOf } from '../disks/chunks.ts'
import type { DiskExport } from './disk-file.ts'
import { exportFailure } from './failure.ts'

/** Standard output. */
const descriptor = 1

/** Throws DeskvisorError `bad-file` (exit 2): nobody reads a disk, and a terminal obeys some of what is in it. */
export function refuseTerminal(): void {
  if (!isatty(descriptor)) return
  throw new DeskvisorError('bad-file', 'Standard output is a terminal; a disk goes into a file or a pipe.', {
    next: {
      do: 'run',
      text: 'Name a new file, or send it on, for example: {command}',
      command: 'deskvisor cartridge export NAME - | zstd > disk.raw.zst',
    },
  })
}

/**
 * Writes the whole disk to standard output, holes as zeros; to a file or block device so that it survives a power cut.
 * Throws DeskvisorError `output-failed` (exit 3) for whatever does not take all of it, also for a reader that went away.
 */
export async function writeToOutput(request: DiskExport): Promise<void> {
  const { disk, signal, onProgress, verify } = request
  const output = openOutput(signal)
  try {
    const { size } = await disk.stat()
    let done = 0
    for await (const chunk of chunksOf(disk, size)) {
      await told(output.write(chunk))
      signal?.throwIfAborted()
      done += chunk.length
      onProgress(done, size)
    }
    await told(output.sync())
    await verify()
  } catch (error) {
    throw exportFailure(error, signal, 'what was written is not a whole disk')
  } finally {
    output.release()
  }
}

type DiskOutput = {
  write(chunk: Buffer): Promise<void>
  /** Rejects also with what only shows when the disk is asked. */
  sync(): Promise<void>
  /** The abort does not concern it any more. */
  release(): void
}

/** Not process.stdout: host/output.ts says why, and this one can be given up while its reader stands still. */
function openOutput(signal: AbortSignal | undefined): DiskOutput {
  const stats = fstatSync(descriptor)
  if (stats.isFIFO() || stats.isSocket()) return toReader(signal)
  const [writeSome, syncIt] = [promisify(write), promisify(fsync)]
  return {
    async write(chunk) {
      for (let done = 0; done < chunk.length; )
        done += (await writeSome(descriptor, chunk, done, chunk.length - done, null)).bytesWritten
    },
    sync: async () => {
      if (stats.isFile() || stats.isBlockDevice()) await syncIt(descriptor)
    },
    release: () => {},
  }
}

function toReader(signal: AbortSignal | undefined): DiskOutput {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  // The write that failed has it, too.
  socket.on('error', () => {})
  const giveUp = () => socket.destroy()
  signal?.addEventListener('abort', giveUp)
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        socket.write(chunk, (error) => (error ? reject(error) : resolve()))
      }),
    sync: async () => {},
    release: () => signal?.removeEventListener('abort', giveUp),
  }
}

async function told(writing: Promise<void>): Promise<void> {
  try {
    await writing
  } catch (error) {
    const sentence = isReaderGone(error)
      ? 'Whoever read standard output went away.'
      : `Standard output cannot be written to: ${sentenceOf(error)}.`
    throw new DeskvisorError('output-failed', sentence, { cause: error })
  }
}
