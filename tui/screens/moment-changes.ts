import type { Moment } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { momentName, noteOf } from '../moments.ts'
import type { Subject } from '../system-words.ts'
import type { View } from '../view.ts'
import { gigabytes } from '../words.ts'
import { AskTextView } from './ask-text.ts'
import { ChoiceView } from './choice.ts'
import { confirmView, messageView } from './confirm.ts'
import { JobView } from './job.ts'
import { perform } from './perform.ts'

/** Asks for a note on a moment. */
export function noteView(subject: Subject, moment: Moment, desk: Desk): View {
  const view: View = new AskTextView(
    {
      title: 'Note',
      text: [`A note for ${momentName(moment)}:`, 'A few words that help to find it again.'],
      value: noteOf(moment),
      longest: 100,
      mayBeEmpty: true,
      onDone: (note) =>
        perform(desk, view, {
          title: 'Note',
          act: () => desk.api.describeSnapshot(subject.name, moment.name, { note }),
          done: () =>
            messageView(
              { title: 'Note', text: [note === '' ? 'The note is gone.' : 'The note is kept.'] },
              desk,
            ),
        }),
    },
    desk,
  )
  return view
}

/** Asks before a moment is deleted. */
export function deleteView(subject: Subject, moment: Moment, desk: Desk): View {
  const { exclusiveBytes } = moment
  const frees = exclusiveBytes === null ? '' : `This frees ${gigabytes(exclusiveBytes)}. `
  const view: View = confirmView(
    {
      title: 'Delete a moment',
      text: [
        `Delete ${momentName(moment)}?`,
        `${frees}It cannot be brought back. What you have now and all other moments stay.`,
      ],
      no: 'No, keep it',
      yes: 'Yes, delete it',
      help: [
        'This screen asks before a moment is deleted. Moments also go by themselves when space is needed.',
      ],
      onYes: () =>
        perform(desk, view, {
          title: 'Delete a moment',
          act: () => desk.api.deleteSnapshot(subject.name, moment.name),
          done: () => messageView({ title: 'Delete a moment', text: ['The moment is deleted.'] }, desk),
        }),
    },
    desk,
  )
  return view
}

/** Asks whether every start shall return to a moment, or to none any more when there is one (`isSet`). */
export function goldenView(subject: Subject, moment: Moment, isSet: boolean, desk: Desk): View {
  const set = (golden: string | null, said: string) => () =>
    perform(desk, view, {
      title: 'Every start',
      act: () => desk.api.describeCartridge(subject.name, { golden, reset: golden !== null }),
      done: () => messageView({ title: 'Every start', text: [said] }, desk),
    })
  const none = {
    label: 'No moment any more: it goes on where it was left',
    act: set(null, 'No moment is the one for every start any more. What is done in it stays.'),
  }
  const view: View = new ChoiceView(
    {
      title: 'Every start',
      text: [
        `Return to ${momentName(moment)} at every start?`,
        `From then on, whatever is done in ${subject.title} is gone at the next start. This is for computers that many people use.`,
        ...(isSet ? ['There is a moment for every start already; this one would take its place.'] : []),
      ],
      choices: [
        { label: 'No, change nothing', act: () => desk.back() },
        { label: 'Yes, at every start', act: set(moment.name, 'Every start returns to this moment now.') },
        ...(isSet ? [none] : []),
      ],
      help: [
        'An operating system can start fresh every time, from one moment. That moment is not deleted as long as it is the one.',
        'The safe answer is chosen already: Enter or Esc takes you back and nothing happens.',
      ],
    },
    desk,
  )
  return view
}

/** Keeps the present as a moment, with a note. */
export function saveView(subject: Subject, desk: Desk): View {
  const view: View = new AskTextView(
    {
      title: 'Save now',
      text: [`Keep ${subject.title} as it is now.`, 'A few words that help to find it again, or just Enter:'],
      value: '',
      longest: 100,
      mayBeEmpty: true,
      onDone: (note) => {
        const work = {
          title: 'Save now',
          text: `${subject.title} is kept as it is now.`,
          start: () => desk.api.takeSnapshot(subject.name, { kind: 'manual' as const, note }),
          done: () =>
            messageView({ title: 'Save now', text: ['Kept. You can return to it at any time.'] }, desk),
          stopped: 'Nothing was kept.',
        }
        desk.replace(view, new JobView(work, desk))
      },
    },
    desk,
  )
  return view
}
