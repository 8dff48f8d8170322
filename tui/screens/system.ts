import { type CartridgeInfo, DeskvisorError } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { subjectOf, systemFacts, titleOf } from '../system-words.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { View } from '../view.ts'
import { gigabytes } from '../words.ts'
import { insertView } from './make-desktop.ts'
import { type Pick, type PickItem, pickView } from './pick.ts'
import { deleteView } from './system-changes.ts'
import { cloneView, noteView, renameView, shortNameView } from './system-names.ts'

const HELP = [
  'Everything that can be done with this operating system. The words below the list say what each line does.',
  'Nothing happens before you are asked.',
]

/** One operating system and what can be done with it. */
export function systemView(name: string, desk: Desk): Promise<View> {
  return pickView(async (): Promise<Pick> => {
    const systems = await desk.api.cartridges()
    const system = systems.find((each) => each.name === name)
    if (system === undefined) {
      throw new DeskvisorError('no-cartridge', 'This operating system is not there any more.', {
        next: { do: 'insert' },
      })
    }
    const taken = systems.map((each) => each.name)
    return {
      title: titleOf(system),
      headline: headlineOf(system),
      items: itemsOf(system, taken, desk),
      help: HELP,
    }
  }, desk)
}

function headlineOf(system: CartridgeInfo): string {
  return systemFacts(system)[0] ?? ''
}

function itemsOf(system: CartridgeInfo, taken: string[], desk: Desk): PickItem[] {
  const title = titleOf(system)
  const item = (label: string, about: string, open: () => View): PickItem => ({
    id: label,
    label,
    about: [about],
    act: () => desk.open(open()),
  })
  const insert = item('Make it the desktop', `From then on the computer starts ${title}.`, () =>
    insertView(system, desk),
  )
  return [
    ...(system.inserted ? [] : [insert]),
    {
      id: 'moments',
      label: 'Go back to an earlier moment',
      about: [`${system.snapshots} moments were kept. Going back can be undone.`],
      act: () =>
        void desk.openLater('Go back', 'Looking for the moments that were kept...', async () => {
          const { timelineView } = await import('./timeline.ts')
          return timelineView(subjectOf(system), desk)
        }),
    },
    item('Rename', 'Changes the name that you see.', () => renameView(system, desk)),
    item('Write a note', 'A few words of yours, shown in the list.', () => noteView(system, desk)),
    item('Make a copy', 'A second one, the same as this is now. It needs hardly any space at first.', () =>
      cloneView(system, taken, desk),
    ),
    {
      id: 'fresh',
      label: 'Start fresh every time',
      mark: system.reset ? 'on' : 'off',
      about: [
        'When it is on, whatever is done in it is gone at the next start. For computers that many people use.',
      ],
      act: () =>
        void desk.openLater('Start fresh', 'Looking...', async () => {
          const { freshView } = await import('./fresh.ts')
          return freshView(system, desk)
        }),
    },
    {
      id: 'data',
      label: 'Disk for data',
      mark: system.dataBytes === null ? 'none' : gigabytes(system.dataBytes),
      about: ['A disk for files that going back and resetting leave alone.'],
      act: () =>
        void desk.openLater('Disk for data', 'Looking...', async () => {
          const { dataDiskView } = await import('./data-disk.ts')
          return dataDiskView(system, desk)
        }),
    },
    item('Change its short name', `What commands call it: ${sanitize(system.name)}`, () =>
      shortNameView(system, desk),
    ),
    item('Delete', 'Asks first, and it can be brought back.', () => deleteView(system, desk)),
  ]
}
