import type { Api } from '../orchestrator/api/index.ts'
import type { Subject } from './system-words.ts'

/**
 * An operating system as it is now: a list may have been open for long, and whether the desktop runs decides what is
 * said and what is chosen already. As it was known when nobody can tell.
 */
export async function subjectNow(api: Api, subject: Subject): Promise<Subject> {
  const systems = await api.cartridges().catch(() => [])
  const found = systems.find(({ name }) => name === subject.name)
  return found === undefined ? subject : { ...subject, inserted: found.inserted, running: found.running }
}
