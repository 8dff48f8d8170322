import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import { shown } from '../../host/plain-text.ts'
import { asSnapshotError } from '../errors.ts'

/** Codes of the reasons not to start the console at all. Each message says also what to do: the menu shows nothing else. */
const codes: readonly string[] = ['cannot-reset', 'cannot-try']

export function isRefusal(error: unknown): error is DeskvisorError {
  return error instanceof DeskvisorError && codes.includes(error.code)
}

/** A cartridge that must return to its golden snapshot, and cannot. */
export function noReset(name: string, cause: unknown): DeskvisorError {
  const known = asSnapshotError(cause)
  const isPassing = known instanceof DeskvisorError && ['busy', 'no-space', 'read-only'].includes(known.code)
  const advice = (isPassing && known.hint) || 'Choose another golden moment, or let it no longer start fresh.'
  return new DeskvisorError(
    'cannot-reset',
    `${shown(name)} starts fresh from its golden moment every time, and cannot now: ${clause(cause)}. ${advice}`,
    { cause, snapshot: known instanceof DeskvisorError ? known.snapshot : undefined },
  )
}

/** What is to be tried cannot be; it is forgotten by now. */
export function noTry(name: string, snapshot: string, cause: unknown): DeskvisorError {
  return new DeskvisorError(
    'cannot-try',
    `${shown(snapshot)} of ${shown(name)} cannot be tried: ${clause(cause)}. It is forgotten, and the next start is as ever.`,
    { cause, snapshot: snapshot },
  )
}

function clause(cause: unknown): string {
  return sentenceOf(cause).replace(/\.$/, '')
}
