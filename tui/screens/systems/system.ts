import { type CartridgeInfo, DeskvisorError } from '../../../orchestrator/api/contract.ts'
import type { List, ListItem, Person, Story } from '../../person.ts'
import { lazily } from '../../questions.ts'
import { subjectOf, systemFacts, titleOf } from '../../system-words.ts'
import { sanitize } from '../../terminal/sanitize.ts'
import { gigabytes } from '../../words.ts'
import { deleteSystem } from './delete.ts'
import { makeDesktop } from './make-desktop.ts'
import { changeShortName, clone, rename, writeNote } from './names.ts'

const HELP = [
  'Everything that can be done with this operating system. The words below the list say what each line does.',
  'Nothing happens before you are asked.',
]

/** One operating system and what can be done with it. */
export function openSystem(person: Person, name: string): Promise<void> {
  const load = () => systemList(person, name)
  return person.openList({ title: 'Operating systems', looking: 'Looking...', load, once: true })
}

async function systemList({ api }: Person, name: string): Promise<List> {
  const systems = await api.cartridges()
  const system = systems.find((each) => each.name === name)
  if (system === undefined) {
    throw new DeskvisorError('no-cartridge', 'This operating system is not there any more.', {
      hint: 'Perhaps it was renamed or deleted from elsewhere.',
    })
  }
  const taken = systems.map((each) => each.name)
  return {
    title: titleOf(system),
    headline: systemFacts(system)[0] ?? '',
    items: itemsOf(system, taken),
    help: HELP,
  }
}

function itemsOf(system: CartridgeInfo, taken: string[]): ListItem[] {
  // Each keeps its number on lines of text, whatever else can be done.
  const item = (number: number, label: string, about: string, open: Story, mark = ''): ListItem => ({
    id: label,
    label,
    mark,
    about: [about],
    word: String(number),
    open,
  })
  const insert = item(
    1,
    'Make it the desktop',
    `From then on the computer starts ${titleOf(system)}.`,
    (person) => makeDesktop(person, system),
  )
  return [
    ...(system.inserted ? [] : [insert]),
    item(
      2,
      'Go back to an earlier moment',
      `${system.snapshots} moments were kept. Going back can be undone.`,
      lazily('Go back', 'Looking for the moments that were kept...', async () => {
        const { openTimeline } = await import('../timeline/timeline.ts')
        return (person) => openTimeline(person, subjectOf(system))
      }),
    ),
    item(3, 'Rename', 'Changes the name that you see.', (person) => rename(person, system)),
    item(4, 'Write a note', 'A few words of yours, shown in the list.', (person) =>
      writeNote(person, system),
    ),
    item(
      5,
      'Make a copy',
      'A second one, the same as this is now. It needs hardly any space at first.',
      (person) => clone(person, system, taken),
    ),
    item(
      8,
      'Start fresh every time',
      'When it is on, whatever is done in it is gone at the next start. For computers that many people use.',
      lazily('Start fresh', 'Looking...', async () => {
        const { startFresh } = await import('./fresh.ts')
        return (person) => startFresh(person, system)
      }),
      system.reset ? 'on' : 'off',
    ),
    item(
      7,
      'Disk for data',
      'A disk for files that going back and resetting leave alone.',
      lazily('Disk for data', 'Looking...', async () => {
        const { changeDataDisk } = await import('./data-disk.ts')
        return (person) => changeDataDisk(person, system)
      }),
      system.dataBytes === null ? 'none' : gigabytes(system.dataBytes),
    ),
    item(9, 'Change its short name', `What commands call it: ${sanitize(system.name)}`, (person) =>
      changeShortName(person, system),
    ),
    item(6, 'Delete', 'Asks first, and it can be brought back.', (person) => deleteSystem(person, system)),
  ]
}
