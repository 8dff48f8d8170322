import { asErrorCode, type ErrorCode } from '../host/error-codes.ts'
import { DeskvisorError, isErrno, oneLine, sentenceOf } from '../host/errors.ts'
import { isFullError, isReadOnlyError } from '../host/storage-error.ts'
import type { Failure } from './contract/job.ts'

/** Anything that was thrown, as it goes over the wire and into the record of a job. */
export function failureOf(error: unknown): Failure {
  const known = asDeskvisorError(error)
  const failure = {
    code: known.code,
    message: oneLine(known.message),
    hint: known.hint === undefined ? null : oneLine(known.hint),
  }
  return known.exitCode === 2 ? { ...failure, wrongInput: true } : failure
}

/** The same way back. */
export function errorOf({ code, message, hint }: Failure): DeskvisorError {
  return new DeskvisorError(asErrorCode(code), message, hint ? { hint } : {})
}

/** What no room foresaw still gets a code and a sentence. */
export function asDeskvisorError(error: unknown): DeskvisorError {
  if (error instanceof DeskvisorError) return error
  const { code, message, hint } = refusals.find(({ is }) => is(error)) ?? unexpected
  const sentence = sentenceOf(error).replace(rmSyncBegins, '')
  return new DeskvisorError(code, message(sentence), { ...(hint ? { hint } : {}), cause: error })
}

/** How the message of Node's rmSync (24.21) begins when it gives an error without a code. */
const rmSyncBegins = /^, Unknown error: /

type Refusal = { code: ErrorCode; message: (sentence: string) => string; hint?: string }

/** What a system call can be refused for (errno(3)), the special before the general. */
const refusals: readonly (Refusal & { is: (error: unknown) => boolean })[] = [
  {
    is: isFullError,
    code: 'no-space',
    message: () => 'The data partition is full.',
    hint: 'Delete moments or operating systems that nobody needs, then try again.',
  },
  {
    is: isReadOnlyError,
    code: 'read-only',
    message: (sentence) => `This can only be read: ${sentence}.`,
    hint: 'Restart the machine. When it stays so, its disk may be failing: copy what matters (deskvisor cartridge export).',
  },
  {
    is: (error) => isErrno(error, 'EACCES', 'EPERM'),
    code: 'not-allowed',
    message: (sentence) => `This is not allowed: ${sentence}.`,
    hint: 'Try it as root.',
  },
  {
    is: (error) => isErrno(error, 'EIO', 'EUCLEAN', 'EBADMSG', 'EILSEQ'),
    code: 'disk-error',
    message: (sentence) => `A disk gives errors: ${sentence}.`,
    hint: 'It may be failing: copy what matters (deskvisor cartridge export).',
  },
  {
    is: (error) => isErrno(error, 'ENOMEM', 'EMFILE', 'ENFILE', 'EAGAIN'),
    code: 'no-resources',
    message: (sentence) => `The computer has no memory or no free descriptor for this just now: ${sentence}.`,
    hint: 'End other work, then try again.',
  },
  {
    is: (error) => isErrno(error) || rmSyncBegins.test(sentenceOf(error)),
    code: 'system-error',
    message: (sentence) => `The system refused something: ${sentence}.`,
    hint: 'journalctl -b may say more.',
  },
]

const unexpected: Refusal = {
  code: 'internal',
  message: (sentence) => `Something unexpected happened: ${sentence}.`,
}
