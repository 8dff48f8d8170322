import { writeSync } from 'node:fs'
import { DeskvisorError, isErrno, sentenceOf } from './errors.ts'

export type Output = { write(text: string): void; readonly isTTY: boolean; readonly columns?: number }

/**
 * What a command says on standard output: all of it is written when `write` returns. Node's process.stdout (24.21) cannot be
 * trusted with that: on a disk that becomes full it takes a part for the whole, and what is meant for a block device it
 * forgets (lib/internal/fs/sync_write_stream.js, getStdout in lib/internal/bootstrap/switches/is_main_thread.js).
 * Throws DeskvisorError `output-failed` (exit 3). A reader that went away (`deskvisor cartridge list | head -1`) has what it
 * wanted; the rest is not said.
 */
export function standardOutput(): Output {
  let isLeft = false
  return terminal(1, (text) => {
    if (isLeft) return
    try {
      writeAll(1, Buffer.from(text))
    } catch (error) {
      if (!isReaderGone(error)) throw outputFailed(error)
      isLeft = true
    }
  })
}

/** The same for standard error, which never throws: there is nowhere left to say that it cannot be written, and the exit status tells. */
export function standardError(): Output {
  return terminal(2, (text) => {
    try {
      writeAll(2, Buffer.from(text))
    } catch {}
  })
}

/** Writes every byte, or throws the errno of write(2). A pipe that somebody made non-blocking is waited for. */
export function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done)
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/** A closed pipe, or a socket whose other end was closed with something unread in it. */
export function isReaderGone(error: unknown): boolean {
  return isErrno(error, 'EPIPE', 'ECONNRESET')
}

function outputFailed(error: unknown): DeskvisorError {
  const sentence = `Standard output cannot be written to: ${sentenceOf(error)}.`
  return new DeskvisorError('output-failed', sentence, {
    next: 'If a change was asked for, it is made; only what was to be said of it is missing.',
    cause: error,
  })
}

/** What a terminal would tell of itself is looked up only when somebody asks. */
function terminal(descriptor: 1 | 2, write: Output['write']): Output {
  return {
    write,
    get isTTY() {
      return process.getBuiltinModule('node:tty').isatty(descriptor)
    },
    get columns() {
      return (descriptor === 1 ? process.stdout : process.stderr).columns
    },
  }
}
