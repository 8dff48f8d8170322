import { sanitize } from './terminal/sanitize.ts'
import { whenOf } from './time.ts'

const NAME =
  /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)-(?:boot|hourly|daily|manual|before-rollback|before-update)(?:-\d+)?/g

/** What the machine says, with moments called by their time as everywhere in the menu, and not by their names. */
export function spoken(text: unknown, now = Date.now()): string {
  return sanitize(text).replace(NAME, (_, time: string, at: number) => {
    const when = whenOf(Date.parse(time), now)
    return at === 0 ? `The moment of ${when}` : when
  })
}
