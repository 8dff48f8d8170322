import type { ErrorCode } from '../../host/error-codes.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'
import { isReadOnlyError } from '../../host/storage-error.ts'

/** What a person reads when an export ended early; `remains` says what there is of it then, for example "no file was kept". */
export function exportFailure(
  error: unknown,
  signal: AbortSignal | undefined,
  remains: string,
): DeskvisorError {
  if (signal?.aborted) return new DeskvisorError('cancelled', `It was cancelled; ${remains}.`)
  const { code, sentence, hint } = reasonOf(error)
  return new DeskvisorError(code, `${sentence.replace(/\.$/, '')}; ${remains}.`, {
    cause: error,
    ...(hint ? { hint } : {}),
  })
}

type Reason = { code: ErrorCode; sentence: string; hint?: string | undefined }

function reasonOf(error: unknown): Reason {
  const sentence = sentenceOf(error)
  if (error instanceof DeskvisorError) {
    const { code, hint } = error
    return { code, sentence, hint }
  }
  if (isErrno(error, 'ENOSPC', 'EDQUOT') || /No space left on device|quota exceeded/i.test(sentence)) {
    return {
      code: 'no-space',
      sentence: 'The place of the file became full',
      hint: 'Choose a folder on another drive, or make room there.',
    }
  }
  if (isReadOnlyError(error)) {
    return {
      code: 'read-only',
      sentence: 'The place of the file can only be read',
      hint: 'Choose a folder on another drive.',
    }
  }
  if (/EFBIG|File too large/.test(sentence)) {
    return {
      code: 'export-failed',
      sentence: 'The filesystem there cannot hold a file of this size',
      hint: 'FAT32 ends at 4 GiB: use another drive, or one with exFAT.',
    }
  }
  return { code: 'export-failed', sentence: `The export failed: ${sentence}` }
}
