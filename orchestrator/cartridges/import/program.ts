import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'

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
  const child = spawn(file, args, {
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...descriptors],
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  const kill = () => endProgram(child)
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error(`${file} has no output.`)
  let words = ''
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-keptBytes)
  })
  const ended = new Promise<{ status: number; lastWords: string }>((resolve) => {
    child.on('error', (error) => resolve({ status: 127, lastWords: sentenceOf(error) }))
    child.on('close', (status) => resolve({ status: status ?? 128, lastWords: lastLine(words) }))
  })
  signal?.addEventListener('abort', kill)
  if (signal?.aborted) kill()
  void ended.then(() => signal?.removeEventListener('abort', kill))
  return { stdin: child.stdin, stdout, ended, kill }
}

/** Throws DeskvisorError `tool-missing` when a program could not be started. */
export function expectStarted(status: number, file: string, debianPackage: string): void {
  if (status !== 127) return
  throw new DeskvisorError('tool-missing', `The program ${file} is missing.`, {
    hint: `Install the package ${debianPackage}.`,
  })
}

function endProgram(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref()
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
