import type { ErrorCode } from '../../host/error-codes.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'
import type { Next } from '../../host/next-step.ts'
import { isReadOnlyError } from '../../host/storage-error.ts'

/** What a person reads when an export ended early; `remains` says what there is of it then, for example "no file was kept". */
export function exportFailure(
  error: unknown,
  signal: AbortSignal | undefined,
  remains: string,
): DeskvisorError {
  if (signal?.aborted) return new DeskvisorError('cancelled', `It was cancelled; ${remains}.`)
  const { code, sentence, next } = reasonOf(error)
  return new DeskvisorError(code, `${sentence.replace(/\.$/, '')}; ${remains}.`, {
    cause: error,
    ...(next ? { next } : {}),
  })
}

type Reason = { code: ErrorCode; sentence: string; next?: Next | undefined }

function reasonOf(error: unknown): Reason {
  const sentence = sentenceOf(error)
  if (error instanceof DeskvisorError) {
    const { code, next } = error
    return { code, sentence, next }
  }
  if (isErrno(error, 'ENOSPC', 'EDQUOT') || /No space left on device|quota exceeded/i.test(sentence)) {
    return {
      code: 'no-space',
      sentence: 'The place of the file became full',
      next: 'Choose a folder on another drive, or make room there.',
    }
  }
  if (isReadOnlyError(error)) {
    return {
      code: 'read-only',
      sentence: 'The place of the file can only be read',
      next: 'Choose a folder on another drive.',
    }
  }
  if (/EFBIG|File too large/.test(sentence)) {
    return {
      code: 'export-failed',
      sentence: 'The filesystem there cannot hold a file of this size',
      next: 'FAT32 ends at 4 GiB: use another drive, or one with exFAT.',
    }
  }
  return { code: 'export-failed', sentence: `The export failed: ${sentence}` }
}
