import { asErrorCode, type ErrorCode } from '../host/error-codes.ts'
import { DeskvisorError, isErrno, oneLine, sentenceOf } from '../host/errors.ts'
import { knownNextSteps, type Next } from '../host/next-step.ts'
import { isFullError, isReadOnlyError, staysReadOnly } from '../host/storage-error.ts'
import type { Failure } from './contract/job.ts'

/** Anything that was thrown, as it goes over the wire and into the record of a job. */
export function failureOf(error: unknown): Failure {
  const known = asDeskvisorError(error)
  const failure = {
    code: known.code,
    message: oneLine(known.message),
    next: [...known.next],
    hint: known.hint === undefined ? null : oneLine(known.hint),
    ...(known.snapshot === undefined ? {} : { snapshot: oneLine(known.snapshot) }),
  }
  return known.exitCode === 2 ? { ...failure, wrongInput: true } : failure
}

/** The same way back; null is a failure of which nothing was kept. */
export function errorOf(
  failure: Pick<Failure, 'code' | 'message' | 'next' | 'snapshot'> | null,
): DeskvisorError {
  if (failure === null) return new DeskvisorError('internal', 'It did not work.')
  const { code, message, next, snapshot } = failure
  return new DeskvisorError(asErrorCode(code), message, { next: knownNextSteps(next), snapshot })
}

/** What no room foresaw still gets a code and a sentence. */
export function asDeskvisorError(error: unknown): DeskvisorError {
  if (error instanceof DeskvisorError) return error
  const { code, message, next = [] } = refusals.find(({ is }) => is(error)) ?? unexpected
  const sentence = sentenceOf(error).replace(rmSyncBegins, '')
  return new DeskvisorError(code, message(sentence), { next, cause: error })
}

/** How the message of Node's rmSync (24.21) begins when it gives an error without a code. */
const rmSyncBegins = /^, Unknown error: /

type Refusal = { code: ErrorCode; message: (sentence: string) => string; next?: Next }

/** What a system call can be refused for (errno(3)), the special before the general. */
const refusals: readonly (Refusal & { is: (error: unknown) => boolean })[] = [
  {
    is: isFullError,
    code: 'no-space',
    message: () => 'The data partition is full.',
    next: { do: 'free-space' },
  },
  {
    is: isReadOnlyError,
    code: 'read-only',
    message: (sentence) => `This can only be read: ${sentence}.`,
    next: staysReadOnly,
  },
  {
    is: (error) => isErrno(error, 'EACCES', 'EPERM'),
    code: 'not-allowed',
    message: (sentence) => `This is not allowed: ${sentence}.`,
    next: { do: 'be-root' },
  },
  {
    is: (error) => isErrno(error, 'EIO', 'EUCLEAN', 'EBADMSG', 'EILSEQ'),
    code: 'disk-error',
    message: (sentence) => `A disk gives errors: ${sentence}.`,
    next: {
      do: 'run',
      text: 'It may be failing: copy what matters ({command}).',
      command: 'deskvisor cartridge export',
    },
  },
  {
    is: (error) => isErrno(error, 'ENOMEM', 'EMFILE', 'ENFILE', 'EAGAIN'),
    code: 'no-resources',
    message: (sentence) => `The computer has no memory or no free descriptor for this just now: ${sentence}.`,
    next: 'End other work, then try again.',
  },
  {
    is: (error) => isErrno(error) || rmSyncBegins.test(sentenceOf(error)),
    code: 'system-error',
    message: (sentence) => `The system refused something: ${sentence}.`,
    next: { do: 'read-journal', which: '-b' },
  },
]

const unexpected: Refusal = {
  code: 'internal',
  message: (sentence) => `Something unexpected happened: ${sentence}.`,
}
