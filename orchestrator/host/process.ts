import type { ChildProcess } from 'node:child_process'
import { DeskvisorError } from './errors.ts'

export type Finished = {
  /** Exit status; 128 + signal number when a signal ended it, 127 when it could not be started. */
  status: number
  stdout: string
  stderr: string
}

const maxOutputBytes = 16 * 1024 * 1024
const signalStatus: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }

/**
 * Runs a program to its end, without a shell. Never rejects: a program that cannot be started has status 127.
 * `timeoutMs`: SIGKILL after so many milliseconds; what it started and left behind is not waited for then either.
 * Output beyond 16 MiB is dropped.
 */
export function run(
  file: string,
  args: readonly string[],
  options: { timeoutMs?: number; input?: string } = {},
): Promise<Finished> {
  // Loaded when it is used: the usual start of the desktop needs no other program, and this brings much along.
  const { spawn } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve) => {
    const child = start(spawn, file, args, options.input !== undefined)
    if (child instanceof Error) return resolve({ status: 127, stdout: '', stderr: child.message })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    // Not spawn's own time-out: its timer keeps this process alive when the program could not be started.
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => end(child), options.timeoutMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ status: 127, stdout: stdout(), stderr: error.message })
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const status = code ?? (signal ? (signalStatus[signal] ?? 128) : 128)
      resolve({ status, stdout: stdout(), stderr: stderr() })
    })
    // A program may end without reading its input.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
  })
}

/** An argument that no program can get (a NUL byte in it) is thrown by spawn at once. */
function start(
  spawn: typeof import('node:child_process').spawn,
  file: string,
  args: readonly string[],
  hasInput: boolean,
): ChildProcess | Error {
  try {
    return spawn(file, args, { stdio: [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Its children may hold the pipes open for ever, so these are closed from this side. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL')
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** The standard output of a program that must succeed; throws DeskvisorError `command-failed` with its last words. */
export async function runOrThrow(
  file: string,
  args: readonly string[],
  options: { timeoutMs?: number; input?: string } = {},
): Promise<string> {
  const { status, stdout, stderr } = await run(file, args, options)
  if (status === 0) return stdout
  const lastWords = stderr.trim().split('\n').at(-1) ?? ''
  const sentence = `${[file, ...args.slice(0, 3)].join(' ')} ended with status ${status}`
  throw new DeskvisorError('command-failed', lastWords ? `${sentence}: ${lastWords}` : `${sentence}.`)
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxOutputBytes) chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
