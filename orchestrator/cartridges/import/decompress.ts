import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { oneLine, sentenceOf } from '../../host/errors.ts'
import type { Compression } from './formats.ts'
import { expectStarted, startProgram } from './program.ts'
import { refused } from './refused.ts'

/**
 * xz and zstd run as programs: Node has no xz, and its zstd (24.21) stops at the end of the first frame, which is the
 * middle of what pzstd writes. Memory is limited, because a file may ask for any amount.
 */
const programs = {
  xz: { args: ['--decompress', '--stdout', '--no-warn', '--memlimit-decompress=1GiB'], package: 'xz-utils' },
  zstd: { args: ['--decompress', '--stdout', '--quiet', '--memory=1024MB'], package: 'zstd' },
} as const

/**
 * What is inside of a compressed stream. Reading it throws DeskvisorError `bad-disk` (exit 2) when that is damaged or cut
 * off, `tool-missing`, and the reason of an abort. `name` is what people call the source.
 */
export function decompress(
  compression: Compression,
  bytes: AsyncIterable<Buffer>,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  return compression === 'gzip' ? gunzip(bytes, name, signal) : byProgram(compression, bytes, name, signal)
}

async function* gunzip(
  bytes: AsyncIterable<Buffer>,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const out = createGunzip({ chunkSize: 1024 * 1024 })
  const fed = pipeline(Readable.from(bytes), out, { ...(signal ? { signal } : {}) })
  // Whatever ends it is thrown by reading, too.
  fed.catch(() => {})
  try {
    yield* out
    await fed
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))) throw error
    throw damaged(name, 'gzip', sentenceOf(error))
  } finally {
    out.destroy()
  }
}

async function* byProgram(
  compression: keyof typeof programs,
  bytes: AsyncIterable<Buffer>,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const { args, package: debianPackage } = programs[compression]
  const program = startProgram(compression, args, { input: true, signal })
  let readError: unknown
  const watched = watching(bytes, (error) => {
    readError = error
  })
  // It may end without reading everything; its status says why.
  const fed = program.stdin ? pipeline(Readable.from(watched), program.stdin).catch(() => {}) : undefined
  try {
    yield* program.stdout
    const { status, lastWords } = await program.ended
    await fed
    signal?.throwIfAborted()
    if (readError !== undefined) throw readError
    expectStarted(status, compression, debianPackage)
    if (status !== 0) throw damaged(name, compression, lastWords)
  } finally {
    program.kill()
  }
}

/** Passes a stream on, and tells of the error that ends it. */
async function* watching(
  bytes: AsyncIterable<Buffer>,
  onError: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    onError(error)
    throw error
  }
}

function damaged(name: string, compression: Compression, why: string) {
  return refused(name, `is damaged or cut off (${compression}: ${oneLine(why)})`)
}
