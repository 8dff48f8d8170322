import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import { DeskvisorError } from '../../host/errors.ts'

export type RunningProgram = {
  stdin: Writable | null
  stdout: Readable
  /** Resolves when it ended; status 127 when it could not be started, 128 when a signal ended it. */
  ended: Promise<{ status: number; lastWords: string }>
  /** Asks it to end, and makes it end when it does not. */
  kill: () => void
}

/** Of the messages, the end is kept. */
const keptBytes = 16 * 1024
const graceMs = 2000

/**
 * Starts a program without a shell, whose output is read while it runs; the abort of `signal` ends it. `descriptors`
 * become its descriptors 3, 4 and so on.
 */
export function startProgram(
  file: string,
  args: readonly string[],
  {
    input = false,
    descriptors = [],
    signal,
  }: { input?: boolean; descriptors?: readonly number[]; signal?: AbortSignal | undefined } = {},
): RunningProgram {
  const child = execa(file, args, {
    // Its types leave out that a descriptor of ours is passed on also beyond the first three.
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(descriptors as readonly never[])],
    env: { LC_ALL: 'C.UTF-8' },
    // How it ended is told by its status, and what it writes may be more than fits memory.
    reject: false,
    buffer: false,
    forceKillAfterDelay: graceMs,
    ...(signal ? { cancelSignal: signal } : {}),
  })
  const { stdin, stdout, stderr } = child
  if (!stdout || !stderr) throw new Error(`${file} has no output.`)
  let words = ''
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-keptBytes)
  })
  const ended = child.then(({ exitCode, code, originalMessage }) =>
    code === 'ENOENT' || code === 'EACCES'
      ? { status: 127, lastWords: originalMessage ?? '' }
      : { status: exitCode ?? 128, lastWords: lastLine(words) },
  )
  return { stdin, stdout, ended, kill: () => void child.kill() }
}

/** Throws DeskvisorError `tool-missing` when a program could not be started. */
export function expectStarted(status: number, file: string, debianPackage: string): void {
  if (status !== 127) return
  throw new DeskvisorError('tool-missing', `The program ${file} is missing.`, {
    next: `Install the package ${debianPackage}.`,
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
