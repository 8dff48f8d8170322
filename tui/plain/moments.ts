import type { Api, JobInfo, Moment, TimelineInfo } from '../../orchestrator/api/index.ts'
import { kindOf, momentName, noteOf, searchText, suggested, timeOf, wentBackSentence } from '../moments.ts'
import { tryingSentence } from '../screens/moment-keys.ts'
import { subjectNow } from '../subject-now.ts'
import type { Subject } from '../system-words.ts'
import { ageOf } from '../time.ts'
import { attempt, type Conversation, confirmed, follow, forced } from './talk.ts'
import { decide } from './trying.ts'

/** As many moments are listed at once; more are found by a word. */
const AT_ONCE = 15

/** The moments of an operating system as lines: to find one, go back to it, try it, pin it, note something, delete it. */
export async function talkAboutMoments(talk: Conversation, api: Api, subject: Subject): Promise<void> {
  let word = ''
  for (;;) {
    const timeline = await api.timeline(subject.name)
    const { undo, trying } = timeline
    const found = timeline.snapshots.filter((moment) => searchText(moment, Date.now()).includes(word))
    const kept = timeline.snapshots.length === 0 ? 'No moment was kept yet.' : 'The moments that were kept:'
    talk.say('', ...[tryingSentence(timeline)].filter(Boolean), kept, '', ...list(found, timeline))
    if (found.length > AT_ONCE) talk.say(`  ... and ${found.length - AT_ONCE} older ones; a word finds them.`)
    const more = [
      undo === null ? '' : ', u to undo going back',
      trying === null ? '' : ', k to keep or drop what is tried',
    ]
    const answer = await talk.ask(
      `Type a number to choose a moment, a word to find one, s to save what there is now${more.join('')}, or just Enter to leave: `,
    )
    if (answer === null || answer === '') return
    const moment = found[Number(answer) - 1]
    if (moment !== undefined) await attempt(talk, () => one(talk, api, subject, moment))
    else if (answer === 's') await attempt(talk, () => saveNow(talk, api, subject))
    else if (answer === 'u' && undo !== null) {
      await attempt(talk, () => undoGoingBack(talk, api, subject, timeline))
    } else if (answer === 'k' && trying !== null) {
      await attempt(talk, () => decide(talk, api, subject, timeline))
    } else word = answer.toLowerCase()
  }
}

function list(moments: Moment[], timeline: TimelineInfo): string[] {
  const first = timeline.snapshots[suggested(timeline)]
  return moments.slice(0, AT_ONCE).map((moment, index) => {
    const marks = [
      noteOf(moment) || kindOf(moment),
      moment.healthy ? 'known good' : '',
      moment.pinned ? 'pinned' : '',
      moment === first ? 'try this one first' : '',
      asMark(wentBackSentence(moment, timeline.present)),
    ]
    const age = ageOf(timeOf(moment), Date.now())
    return `  ${index + 1}  ${momentName(moment)} (${age}): ${marks.filter(Boolean).join(', ')}`
  })
}

function asMark(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}

async function one(talk: Conversation, api: Api, known: Subject, moment: Moment): Promise<void> {
  const subject = await subjectNow(api, known)
  const name = momentName(moment)
  talk.say(
    `Go back to ${name}? ${subject.title}, with all files in it, becomes as it was then.`,
    'What you have now is kept, so that this can be undone.',
    ...shutDown(subject),
  )
  const answer = await talk.ask(
    'Type yes, or one of: try, pin, note, delete, every (start returns to it). Just Enter changes nothing: ',
  )
  const describe = (change: { note?: string; pinned?: boolean }) =>
    api.describeSnapshot(subject.name, moment.name, change)
  switch (answer?.toLowerCase()) {
    case 'yes':
      return goBack(talk, api, subject, name, (force) => api.rollBack(subject.name, moment.name, { force }))
    case 'try':
      await api.tryMoment(subject.name, moment.name)
      return talk.say('The next start of the desktop tries it. What you have now stays untouched.')
    case 'pin':
      await describe({ pinned: !moment.pinned })
      return talk.say(moment.pinned ? 'Not pinned any more.' : 'Pinned: it is never deleted by itself.')
    case 'note':
      return writeNote(talk, moment, (note) => describe({ note }))
    case 'delete':
      if (!(await confirmed(talk, `Delete ${name}? It cannot be brought back.`))) return
      await api.deleteSnapshot(subject.name, moment.name)
      return talk.say('The moment is deleted.')
    case 'every': {
      const question = `Return to ${name} at every start? Whatever is done in it is gone at the next start then.`
      if (!(await confirmed(talk, question))) return
      await api.describeCartridge(subject.name, { golden: moment.name, reset: true })
      return talk.say('Every start returns to this moment now.')
    }
  }
}

/** Asks for a note; only a word takes one away, for an empty line may be the end of the input. */
async function writeNote(
  talk: Conversation,
  moment: Moment,
  write: (note: string) => Promise<void>,
): Promise<void> {
  const none = noteOf(moment) === '' ? '' : ', none to take it away'
  const note = await talk.ask(`The note${none}, or just Enter to leave it: `)
  if (note === null || note === '') return
  await write(note.toLowerCase() === 'none' ? '' : note)
  talk.say(note.toLowerCase() === 'none' ? 'The note is gone.' : 'The note is kept.')
}

async function undoGoingBack(
  talk: Conversation,
  api: Api,
  known: Subject,
  timeline: TimelineInfo,
): Promise<void> {
  const subject = await subjectNow(api, known)
  const moment = timeline.snapshots.find(({ name }) => name === timeline.undo)
  const since = moment === undefined ? '' : ` (${momentName(moment)})`
  talk.say(`${subject.title} becomes as it was before you went back${since}.`, ...shutDown(subject))
  if (!(await confirmed(talk, 'What you have now is kept as well. Undo going back?'))) return
  await goBack(talk, api, subject, 'what you had before', (force) => api.undo(subject.name, { force }))
}

function shutDown({ running }: Subject): string[] {
  return running ? ['The desktop is running: it is shut down first. Save what is open in it.'] : []
}

async function saveNow(talk: Conversation, api: Api, subject: Subject): Promise<void> {
  const note = await talk.ask('A few words that help to find it again, or just Enter: ')
  if (note === null) return
  const job = await follow(talk, api, await api.takeSnapshot(subject.name, { kind: 'manual', note }))
  if (job !== null) talk.say('Kept. You can return to it at any time.')
}

async function goBack(
  talk: Conversation,
  api: Api,
  subject: Subject,
  to: string,
  start: (force: boolean) => Promise<JobInfo>,
): Promise<void> {
  if (!(await forced(talk, api, start))) return
  talk.say(`Done: you are back at ${to}. What you had before is kept; u in this list returns to it.`)
  if (!subject.inserted || subject.running) return
  talk.say('Starting the desktop...')
  await api.startDesktop()
}
