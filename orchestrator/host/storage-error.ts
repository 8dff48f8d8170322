import { DeskvisorError, isErrno, sentenceOf } from './errors.ts'
import type { NextStep } from './next-step.ts'

/**
 * What a person reads when the data partition itself refused a change: that it can only be read, or is full. Undefined for
 * anything else. `DeskvisorError` codes are `read-only` and `no-space`.
 */
export function storageError(error: unknown): DeskvisorError | undefined {
  if (error instanceof DeskvisorError) return undefined
  if (isReadOnlyError(error)) {
    return new DeskvisorError('read-only', 'The data partition is read-only, so nothing was changed.', {
      next: staysReadOnly,
      cause: error,
    })
  }
  if (isFullError(error)) {
    return new DeskvisorError('no-space', 'The data partition is full, so nothing was changed.', {
      next: { do: 'free-space' },
      cause: error,
    })
  }
  return undefined
}

/** For a disk that can only be read all at once. */
export const staysReadOnly: readonly NextStep[] = [
  { do: 'restart' },
  {
    do: 'run',
    text: 'When it stays so, its disk may be failing: copy what matters ({command}).',
    command: 'deskvisor cartridge export',
  },
]

/** The disk is full, or the data partition's share of it is; also when a DeskvisorError says so. */
export function isLackOfSpace(error: unknown): boolean {
  const known = storageError(error) ?? error
  return known instanceof DeskvisorError && known.code === 'no-space'
}

/**
 * EROFS. Node's rmSync (24.21) gives an error without a code, ", Unknown error: Read-only file system", and other programs say
 * it in words, so words count too.
 */
export function isReadOnlyError(error: unknown): boolean {
  return isErrno(error, 'EROFS') || /\bEROFS\b|read-only file ?system/i.test(sentenceOf(error))
}

/** ENOSPC or EDQUOT, in the same way. */
export function isFullError(error: unknown): boolean {
  return (
    isErrno(error, 'ENOSPC', 'EDQUOT') ||
    /no space left on device|disk quota exceeded/i.test(sentenceOf(error))
  )
}
