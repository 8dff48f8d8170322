import { DeskvisorError, parseSnapshotName, sentenceOf } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { whenOf } from './time.ts'

/**
 * What the machine says, with the snapshot that it is about called by its time as everywhere in the menu, and not by its
 * name.
 */
export function spoken(text: unknown, snapshot = '', now = Date.now()): string {
  const said = sanitize(text)
  const known = parseSnapshotName(snapshot)
  if (known === null) return said
  const when = whenOf(Date.parse(known.takenAt), now)
  const begun = said.startsWith(snapshot) ? `The moment of ${when}${said.slice(snapshot.length)}` : said
  return begun.replaceAll(snapshot, when)
}

/** The same for an error. */
export function spokenError(error: unknown): string {
  return spoken(sentenceOf(error), error instanceof DeskvisorError ? error.snapshot : undefined)
}
