import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { shown } from '../host/plain-text.ts'
import { storageError } from '../host/storage-error.ts'

/** What a person reads for anything that went wrong while a timeline was changed. An abort stays what it is. */
export function asSnapshotError(error: unknown): unknown {
  if (error instanceof DeskvisorError) return error
  if (error instanceof Error && error.name === 'AbortError') return error
  const failed = `The moments cannot be changed: ${sentenceOf(error)}.`
  return storageError(error) ?? new DeskvisorError('timeline-failed', failed, { cause: error })
}

export function noSuchSnapshot(name: string): DeskvisorError {
  return new DeskvisorError('no-such-snapshot', `There is no moment with the name ${shown(name)}.`, {
    next: { do: 'see', command: 'deskvisor snapshot list' },
    snapshot: name,
  })
}

/** Something that stands where a folder or file of the layout should be. */
export function timelineUnusable(sentence: string): DeskvisorError {
  return new DeskvisorError('timeline-unusable', sentence, {
    next: 'Somebody changed it by hand; put it right in a shell on this machine.',
  })
}
