import { type ErrorCode, errorCodes } from './error-codes.ts'
import { asNextSteps, hintOf, type Next, type NextStep } from './next-step.ts'
import { withoutControls } from './plain-text.ts'

/**
 * An error that is meant for a person: what happened, and what to do next.
 * `code` is stable (scripts may match it); `message` is one plain sentence; `next` is what to do then.
 */
export class DeskvisorError extends Error {
  readonly code: ErrorCode
  readonly next: readonly NextStep[]
  /** Name of the snapshot that the message is about: who calls snapshots something else puts that in its place. */
  readonly snapshot: string | undefined
  /** Process exit status when a command ends with this error: 2 for wrong input, 3 when its output cannot be written, else 1. */
  readonly exitCode: 1 | 2 | 3

  constructor(
    code: ErrorCode,
    message: string,
    options: { next?: Next; snapshot?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'DeskvisorError'
    this.code = code
    this.next = asNextSteps(options.next ?? [])
    this.snapshot = options.snapshot
    this.exitCode = errorCodes[code].exit
  }

  /** What to do next, as a person at a command line reads it. */
  get hint(): string | undefined {
    return hintOf(this.next)
  }
}

/** The sentence to show a person for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Text from anywhere that is safe on a terminal, in the journal and in sd_notify(3): one line, no control characters. */
export function oneLine(text: string): string {
  return withoutControls(text, ' ').trim()
}

/** True when a system call failed: with one of these errno names, for example `ENOENT`, or with any when none is given. */
export function isErrno(error: unknown, ...names: string[]): boolean {
  if (!(error instanceof Error && 'code' in error)) return false
  const code = String(error.code)
  // Node's own codes, ERR_INVALID_ARG_TYPE for example, have an underscore.
  if (names.length === 0) return /^E[A-Z0-9]+$/.test(code)
  // One number, of which Node knows only the second name (errno(3)).
  return names.includes(code) || (code === 'ENOTSUP' && names.includes('EOPNOTSUPP'))
}
