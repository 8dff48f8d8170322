import type { CartridgeInfo } from '../../../orchestrator/api/contract.ts'
import type { List, ListItem, Person } from '../../person.ts'
import { lazily } from '../../questions.ts'
import { markOf, systemFacts, titleOf } from '../../system-words.ts'
import { openSystem } from './system.ts'

const TITLE = 'Operating systems'
const HELP = [
  'These are the operating systems on this computer. The desktop is one of them; the others wait.',
  'Enter on one shows what can be done with it: make it the desktop, go back in time, copy, rename, delete.',
]

/** All operating systems of this computer, and the ways to get another one. */
export function openSystems(person: Person): Promise<void> {
  const looking = 'Looking for operating systems...'
  return person.openList({ title: TITLE, looking, load: () => systemList(person) })
}

async function systemList({ api }: Person): Promise<List> {
  const systems = await api.cartridges()
  const trash = await api.trash()
  const none = 'There is no operating system yet. Bring one in from a disk that you plug in.'
  return {
    title: TITLE,
    headline: systems.length === 0 ? none : 'Choose an operating system and press Enter.',
    items: [...systems.map(systemItem), importItem, ...(trash.length === 0 ? [] : [trashItem(trash.length)])],
    help: HELP,
  }
}

function systemItem(system: CartridgeInfo): ListItem {
  return {
    id: `system ${system.name}`,
    label: titleOf(system),
    mark: markOf(system),
    about: systemFacts(system),
    open: (person) => openSystem(person, system.name),
  }
}

const importItem: ListItem = {
  id: 'import',
  label: 'Bring in another one',
  about: ['Copies an installed operating system from a disk that is plugged in. That disk is only read.'],
  word: 'i',
  open: lazily('Bring in', 'Looking for disks...', async () => {
    const { openImport } = await import('../importing/importing.ts')
    return openImport
  }),
}

function trashItem(count: number): ListItem {
  return {
    id: 'trash',
    label: 'Bring back a deleted one',
    mark: String(count),
    about: ['Deleted operating systems can be brought back until their space is needed.'],
    word: 'b',
    open: lazily('Deleted', 'Looking...', async () => {
      const { openTrash } = await import('../trash/trash.ts')
      return openTrash
    }),
  }
}
