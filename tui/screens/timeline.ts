import type { Desk } from '../desk.ts'
import { insertedSubject, type Subject } from '../system-words.ts'
import type { View } from '../view.ts'
import { messageView } from './confirm.ts'
import { TimelineView } from './timeline-view.ts'

/** The moments of the operating system that is the desktop. */
export async function insertedTimeline(desk: Desk): Promise<View> {
  const status = desk.state.status ?? (await desk.api.status())
  const subject = insertedSubject(status)
  if (subject !== null) return timelineView(subject, desk)
  const text = [
    'There is no operating system yet, so there is nothing to go back to.',
    '"Operating systems" in this menu can bring one in.',
  ]
  return messageView({ title: 'Go back', text, label: 'Back' }, desk)
}

export async function timelineView(subject: Subject, desk: Desk): Promise<View> {
  return new TimelineView(subject, await desk.api.timeline(subject.name), desk)
}
