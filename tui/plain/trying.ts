import type { Api, TimelineInfo } from '../../orchestrator/api/index.ts'
import { tryingSentence } from '../screens/moment-keys.ts'
import type { Subject } from '../system-words.ts'
import type { Conversation } from './talk.ts'

/** Asks what to do with a moment that is or will be tried; nothing is decided by just Enter. */
export async function decide(
  talk: Conversation,
  api: Api,
  subject: Subject,
  timeline: TimelineInfo,
): Promise<void> {
  const tried = tryingSentence(timeline)
  if (timeline.trying?.phase === 'armed') {
    const answer = await talk.ask(`${tried} Type drop to not try it, or just Enter to leave it so: `)
    if (answer?.toLowerCase() !== 'drop') return
    await api.dropTry(subject.name)
    return talk.say('It will not be tried.')
  }
  talk.say(
    `${tried} Keep it?`,
    `keep: ${subject.title} goes on from there; what you had before stays as a moment.`,
    'drop: you go back to what you had; what you did while trying is lost.',
  )
  const answer = await talk.ask('Type keep or drop, or just Enter to decide later: ')
  switch (answer?.toLowerCase()) {
    case 'keep':
      await api.keepTry(subject.name)
      return talk.say('You keep what you tried.')
    case 'drop':
      await api.dropTry(subject.name)
      return talk.say('You have what you had before.')
  }
}
