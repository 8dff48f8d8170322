import { sentenceOf } from '../../../orchestrator/api/contract.ts'
import type { Person } from '../../person.ts'
import { sanitize } from '../../terminal/sanitize.ts'

const LINES = 1000

/** The newest messages of the machine. */
export function readLogs(person: Person): Promise<void> {
  return person.readLong({
    title: 'Logs',
    help: [
      'These are the newest messages of this computer, the newest at the bottom. They say what happened before the menu came.',
      'Press / and type a word to see only the lines that contain it; Enter keeps the filter, Esc removes it.',
    ],
    noun: 'messages',
    load: async () => (await person.api.logs(LINES)).map((text) => sanitize(text)),
    failed: (error) => sanitize(`The messages cannot be read: ${sentenceOf(error)}`),
  })
}
