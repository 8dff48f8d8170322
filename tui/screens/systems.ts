import type { CartridgeInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { markOf, systemFacts, titleOf } from '../system-words.ts'
import type { View } from '../view.ts'
import { type Pick, type PickItem, pickView } from './pick.ts'
import { systemView } from './system.ts'

const HELP = [
  'These are the operating systems on this computer. The desktop is one of them; the others wait.',
  'Enter on one shows what can be done with it: make it the desktop, go back in time, copy, rename, delete.',
]

/** All operating systems of this computer, and the ways to get another one. */
export function systemsView(desk: Desk): Promise<View> {
  return pickView(async (): Promise<Pick> => {
    const systems = await desk.api.cartridges()
    const trash = await desk.api.trash()
    const none = 'There is no operating system yet. Bring one in from a disk that you plug in.'
    return {
      title: 'Operating systems',
      headline: systems.length === 0 ? none : 'Choose an operating system and press Enter.',
      items: [
        ...systems.map((system) => systemItem(system, desk)),
        importItem(desk),
        ...(trash.length === 0 ? [] : [trashItem(trash.length, desk)]),
      ],
      help: HELP,
    }
  }, desk)
}

function systemItem(system: CartridgeInfo, desk: Desk): PickItem {
  return {
    id: `system ${system.name}`,
    label: titleOf(system),
    mark: markOf(system),
    about: systemFacts(system),
    act: () => void desk.openLater('Operating systems', 'Looking...', () => systemView(system.name, desk)),
  }
}

function importItem(desk: Desk): PickItem {
  return {
    id: 'import',
    label: 'Bring in another one',
    about: ['Copies an installed operating system from a disk that is plugged in. That disk is only read.'],
    act: () =>
      void desk.openLater('Bring in', 'Looking for disks...', async () => {
        const { importView } = await import('./import.ts')
        return importView(desk)
      }),
  }
}

function trashItem(count: number, desk: Desk): PickItem {
  return {
    id: 'trash',
    label: 'Bring back a deleted one',
    mark: String(count),
    about: ['Deleted operating systems can be brought back until their space is needed.'],
    act: () =>
      void desk.openLater('Deleted', 'Looking...', async () => {
        const { trashView } = await import('./trash.ts')
        return trashView(desk)
      }),
  }
}
