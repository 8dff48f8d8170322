import type { Snapshot } from '../../../orchestrator/api/index.ts'
import type { Answer, Person } from '../../person.ts'
import { confirm, performAndTell, tell } from '../../questions.ts'
import { noteOf, snapshotName } from '../../snapshots.ts'
import type { Subject } from '../../system-words.ts'
import { gigabytes } from '../../words.ts'

/** Asks for a note on a snapshot. */
export async function writeNote(person: Person, subject: Subject, snapshot: Snapshot): Promise<void> {
  const note = await person.askText({
    title: 'Note',
    text: [`A note for ${snapshotName(snapshot)}:`, 'A few words that help to find it again.'],
    value: noteOf(snapshot),
    longest: 100,
    empty: 'removes',
  })
  if (note === null) return
  const act = () => person.api.describeSnapshot(subject.name, snapshot.name, { note })
  await performAndTell(person, 'Note', act, [note === '' ? 'The note is gone.' : 'The note is kept.'])
}

/** Asks before a snapshot is deleted. */
export async function deleteSnapshot(person: Person, subject: Subject, snapshot: Snapshot): Promise<void> {
  const { exclusiveBytes } = snapshot
  const frees = exclusiveBytes === null ? '' : `This frees ${gigabytes(exclusiveBytes)}. `
  const yes = await confirm(person, {
    title: 'Delete a moment',
    text: [
      `Delete ${snapshotName(snapshot)}?`,
      `${frees}It cannot be brought back. What you have now and all other moments stay.`,
    ],
    no: 'No, keep it',
    yes: 'Yes, delete it',
    help: [
      'This screen asks before a moment is deleted. Moments also go by themselves when space is needed.',
    ],
  })
  const act = () => person.api.deleteSnapshot(subject.name, snapshot.name)
  if (yes) await performAndTell(person, 'Delete a moment', act, ['The moment is deleted.'])
}

/** Asks whether every start shall return to a snapshot, or to none any more when there is one. */
export async function returnAtEveryStart(
  person: Person,
  subject: Subject,
  snapshot: Snapshot,
): Promise<void> {
  const systems = await person.look('Every start', 'Looking...', () => person.api.cartridges())
  const isSet = systems.some(({ name, golden }) => name === subject.name && golden)
  const none: Answer<'none'> = {
    label: 'No moment any more: it goes on where it was left',
    value: 'none',
    word: 'none',
  }
  const answer = await person.choose<'this' | 'none'>({
    title: 'Every start',
    text: [
      `Return to ${snapshotName(snapshot)} at every start?`,
      `From then on, whatever is done in ${subject.title} is gone at the next start. This is for computers that many people use.`,
      ...(isSet ? ['There is a moment for every start already; this one would take its place.'] : []),
    ],
    answers: [
      { label: 'No, change nothing', value: null },
      { label: 'Yes, at every start', value: 'this' },
      ...(isSet ? [none] : []),
    ],
    help: [
      'An operating system can start fresh every time, from one moment. That moment is not deleted as long as it is the one.',
      'The safe answer is chosen already: Enter or Esc takes you back and nothing happens.',
    ],
  })
  if (answer === null) return
  const golden = answer === 'this' ? snapshot.name : null
  const act = () => person.api.describeCartridge(subject.name, { golden, reset: golden !== null })
  const said =
    golden === null
      ? 'No moment is the one for every start any more. What is done in it stays.'
      : 'Every start returns to this moment now.'
  await performAndTell(person, 'Every start', act, [said])
}

/** Keeps the present as a snapshot, with a note. */
export async function saveNow(person: Person, subject: Subject): Promise<void> {
  const title = 'Save now'
  const note = await person.askText({
    title,
    text: [`Keep ${subject.title} as it is now.`, 'A few words that help to find it again, or just Enter:'],
    value: '',
    longest: 100,
    empty: 'none',
  })
  if (note === null) return
  const ended = await person.follow({
    title,
    text: `${subject.title} is kept as it is now.`,
    start: () => person.api.takeSnapshot(subject.name, { kind: 'manual', note }),
    stopped: 'Nothing was kept.',
  })
  if (ended !== null) await tell(person, title, ['Kept. You can return to it at any time.'])
}
