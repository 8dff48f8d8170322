import type { Snapshot } from '../types.ts'
import type { Notes } from './notes.ts'

/** What the notes call the present where a snapshot would stand, with what tells one state of it from another. */
export const presentMark = 'present '

/**
 * What was measured of a snapshot, as long as that is about the neighbours that it has now; null else. That the present
 * was written to, or was kept as the next snapshot since, changes little, so what was measured beside it counts.
 */
export function sizesOf(
  { written, exclusive }: Pick<Notes, 'written' | 'exclusive'>,
  previous: string | null,
  next: string | null,
): Pick<Snapshot, 'writtenBytes' | 'exclusiveBytes'> {
  const isBesidePresent = exclusive?.next?.startsWith(presentMark) === true
  const isHeld = exclusive?.previous === previous && (exclusive.next === next || isBesidePresent)
  return {
    writtenBytes: written?.previous === previous ? written.bytes : null,
    exclusiveBytes: isHeld ? exclusive.bytes : null,
  }
}
