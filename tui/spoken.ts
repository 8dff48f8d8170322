import { DeskvisorError, parseMomentName, sentenceOf } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { whenOf } from './time.ts'

/**
 * What the machine says, with the moment that it is about called by its time as everywhere in the menu, and not by its
 * name.
 */
export function spoken(text: unknown, moment = '', now = Date.now()): string {
  const said = sanitize(text)
  const known = parseMomentName(moment)
  if (known === null) return said
  const when = whenOf(Date.parse(known.takenAt), now)
  const begun = said.startsWith(moment) ? `The moment of ${when}${said.slice(moment.length)}` : said
  return begun.replaceAll(moment, when)
}

/** The same for an error. */
export function spokenError(error: unknown): string {
  return spoken(sentenceOf(error), error instanceof DeskvisorError ? error.moment : undefined)
}
