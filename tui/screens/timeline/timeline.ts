import type { Person } from '../../person.ts'
import { tell } from '../../questions.ts'
import { insertedSubject, type Subject } from '../../system-words.ts'
import { timelineList } from './model.ts'

/** The snapshots of the operating system that is the desktop. */
export async function openInserted(person: Person): Promise<void> {
  const subject = insertedSubject(await person.look('Go back', LOOKING, () => person.machine.status()))
  if (subject !== null) return openTimeline(person, subject)
  const text = [
    'There is no operating system yet, so there is nothing to go back to.',
    '"Operating systems" in this menu can bring one in.',
  ]
  return tell(person, 'Go back', text, 'Back')
}

/** The snapshots that were kept of an operating system, to go back to one of them. */
export function openTimeline(person: Person, subject: Subject): Promise<void> {
  return person.openList({
    title: 'Go back',
    looking: LOOKING,
    load: () => timelineList(person, subject),
    view: async () => {
      const { TimelineView } = await import('./view.ts')
      return (context) => new TimelineView(context)
    },
  })
}

const LOOKING = 'Looking for the moments that were kept...'
