import { DeskvisorError, isErrno, oneLine, sentenceOf } from '../host/errors.ts'
import type { JobInfo } from './contract.ts'

export type Failure = NonNullable<JobInfo['error']>

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
export function errorOf({ code, message, hint, wrongInput }: Failure): DeskvisorError {
  const exitCode = wrongInput ? 2 : code === 'output-failed' ? 3 : 1
  return new DeskvisorError(code, message, { exitCode, ...(hint ? { hint } : {}) })
}

/** What no room foresaw still gets a code and a sentence. */
export function asDeskvisorError(error: unknown): DeskvisorError {
  if (error instanceof DeskvisorError) return error
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new DeskvisorError('no-space', 'The data partition is full.', {
      hint: 'Delete moments or operating systems that nobody needs, then try again.',
      cause: error,
    })
  }
  if (isErrno(error, 'EACCES', 'EPERM')) {
    return new DeskvisorError('not-allowed', `This is not allowed: ${sentenceOf(error)}.`, {
      hint: 'Try it as root.',
      cause: error,
    })
  }
  return new DeskvisorError('internal', `Something unexpected happened: ${sentenceOf(error)}.`, {
    cause: error,
  })
}

/** The status of HTTP for a failure: wrong input 4xx, a refusal of the machine 409, what nobody foresaw 500. */
export function statusOf({ code, wrongInput }: Failure): number {
  if (code.startsWith('no-such-')) return 404
  if (code === 'too-large') return 413
  if (wrongInput) return 400
  if (code === 'not-allowed') return 403
  return code === 'internal' ? 500 : 409
}
