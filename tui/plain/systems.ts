import type { Api, CartridgeInfo } from '../../orchestrator/api/index.ts'
import { dataDiskQuestion, dataDiskSaid, setDataDisk } from '../data-words.ts'
import { shortName } from '../names.ts'
import { markOf, subjectOf, systemFacts, titleOf } from '../system-words.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { gigabytes } from '../words.ts'
import { makeDesktop } from './make-desktop.ts'
import { talkAboutMoments } from './moments.ts'
import { attempt, type Conversation, confirmed, follow } from './talk.ts'

/** The operating systems as lines: to choose one, to bring one in, to bring a deleted one back. */
export async function talkAboutSystems(talk: Conversation, api: Api): Promise<void> {
  for (;;) {
    const systems = await api.cartridges()
    talk.say('', 'Operating systems', '', ...systems.map(entry))
    const answer = await talk.ask(
      'Type a number to choose one, i to bring one in, b to bring a deleted one back, or just Enter to leave: ',
    )
    if (answer === null || answer === '') return
    const system = systems[Number(answer) - 1]
    if (system !== undefined) await attempt(talk, () => one(talk, api, system, systems))
    else if (answer === 'i') await attempt(talk, () => bringIn(talk, api, systems))
    else if (answer === 'b') await attempt(talk, () => bringBack(talk, api))
    else talk.say(`"${sanitize(answer)}" is not on the list.`)
  }
}

function entry(system: CartridgeInfo, index: number): string {
  const mark = markOf(system)
  return `  ${index + 1}  ${titleOf(system)}${mark === '' ? '' : ` (${mark})`}. ${systemFacts(system).join(' ')}`
}

const CHANGES = [
  'Make it the desktop',
  'Go back to an earlier moment',
  'Rename',
  'Write a note',
  'Make a copy',
  'Delete',
  'Disk for data',
]

async function one(talk: Conversation, api: Api, system: CartridgeInfo, all: CartridgeInfo[]): Promise<void> {
  const { name, reset, golden } = system
  const title = titleOf(system)
  const fresh = reset
    ? 'Do not start fresh every time any more'
    : 'Start fresh every time, as at the moment set for it'
  const changes = [
    ...CHANGES,
    ...(reset || golden ? [fresh] : []),
    ...(golden ? ['Have no moment for every start any more'] : []),
  ]
  talk.say('', title, ...changes.map((label, index) => `  ${index + 1}  ${label}`))
  switch (await talk.ask('Type a number, or just Enter to leave: ')) {
    case '1':
      return makeDesktop(talk, api, system, all)
    case '2':
      return talkAboutMoments(talk, api, subjectOf(system))
    case '3':
      return withText(talk, 'The new name: ', (text) => api.describeCartridge(name, { title: text }))
    case '4':
      return withText(talk, 'The note: ', (note) => api.describeCartridge(name, { note }))
    case '5':
      return withText(talk, 'The name of the copy: ', async (text) => {
        const newName = shortName(
          text,
          all.map((each) => each.name),
        )
        const done = await follow(talk, api, await api.cloneCartridge({ cartridge: name, newName }))
        if (done === null) return false
        await api.describeCartridge(newName, { title: text })
      })
    case '6': {
      const question = `Delete ${title}, with all files in it and all of its moments? It can be brought back for a while.`
      if (await confirmed(talk, question)) await api.deleteCartridge(name)
      return
    }
    case '7': {
      const typed = await talk.ask(`${dataDiskQuestion(system).join(' ')} Just Enter to leave: `)
      if (typed) talk.say(dataDiskSaid((await setDataDisk(api, system, typed)).created))
      return
    }
    case '8':
      if (reset) return api.describeCartridge(name, { reset: false })
      if (golden && (await confirmed(talk, 'Whatever is done in it is gone at the next start then.'))) {
        return api.describeCartridge(name, { reset: true })
      }
      return
    case '9':
      if (!golden) return
      await api.describeCartridge(name, { golden: null, reset: false })
      return talk.say('No moment is the one for every start any more. What is done in it stays.')
  }
}

async function withText(
  talk: Conversation,
  question: string,
  use: (text: string) => Promise<unknown>,
): Promise<void> {
  const text = await talk.ask(question)
  if (text === null || text === '') return
  if ((await use(text)) !== false) talk.say('Done.')
}

async function bringIn(talk: Conversation, api: Api, systems: CartridgeInfo[]): Promise<void> {
  const sources = await api.importSources()
  if (sources.length === 0) return talk.say('No disk was found. Plug one in, wait a moment, and try again.')
  talk.say(
    '',
    'Which disk shall it be copied from? It is only read.',
    ...sources.map(
      ({ text, path, bytes }, index) =>
        `  ${index + 1}  ${sanitize(text)}, ${gigabytes(bytes)} (${sanitize(path)})`,
    ),
  )
  const source = sources[Number(await talk.ask('Type a number, or just Enter to leave: ')) - 1]
  if (source === undefined) return
  await withText(talk, 'What shall it be called? ', async (title) => {
    const name = shortName(
      title,
      systems.map((each) => each.name),
    )
    const done = await follow(talk, api, await api.importCartridge({ file: source.path, name, title }))
    if (done === null) return false
  })
}

async function bringBack(talk: Conversation, api: Api): Promise<void> {
  const trash = await api.trash()
  if (trash.length === 0) return talk.say('There is no deleted operating system.')
  talk.say('', ...trash.map(({ name }, index) => `  ${index + 1}  ${sanitize(name)}`))
  const answer = await talk.ask('Type a number, empty to delete all of them, or just Enter: ')
  if (answer?.toLowerCase() === 'empty') {
    if (!(await confirmed(talk, 'Delete all of them for good? Nothing can bring them back then.'))) return
    await api.emptyTrash()
    return talk.say('They are gone.')
  }
  const chosen = trash[Number(answer) - 1]
  if (chosen === undefined) return
  await api.restoreCartridge(chosen.entry)
  talk.say(`${sanitize(chosen.name)} is back.`)
}
