import type { CartridgeInfo } from '../../../orchestrator/api/contract.ts'
import type { Person } from '../../person.ts'
import { confirm, performAndTell } from '../../questions.ts'
import { titleOf } from '../../system-words.ts'

/** Asks before an operating system goes to the trash, and offers to bring it back. */
export async function deleteSystem(person: Person, system: CartridgeInfo): Promise<void> {
  const title = titleOf(system)
  const yes = await confirm(person, {
    title: 'Delete',
    text: [
      `Delete ${title}, with all files in it and all of its moments?`,
      'It can be brought back with "Bring back a deleted one" until its space is needed.',
    ],
    no: 'No, keep it',
    yes: 'Yes, delete it',
    help: ['This screen asks before an operating system is deleted.'],
  })
  if (!yes) return
  const { trash } = await person.perform('Delete', () => person.api.deleteCartridge(system.name))
  const back = await person.choose({
    title: 'Delete',
    text: [`${title} is deleted.`, 'It can be brought back until its space is needed.'],
    answers: [
      { label: 'Good', value: null },
      { label: 'Bring it back', value: true },
    ],
    help: ['It is done, and this screen can take it back.'],
    kind: 'offer',
  })
  const act = () => person.api.restoreCartridge(trash)
  if (back) await performAndTell(person, 'Bring back', act, [`${title} is back.`])
  person.home()
}
