import type { TrashedCartridge } from '../../../orchestrator/api/contract.ts'
import type { List, Person } from '../../person.ts'
import { confirm, performAndTell } from '../../questions.ts'
import { sanitize } from '../../terminal/sanitize.ts'
import { clip } from '../../terminal/text.ts'
import { ageOf } from '../../time.ts'

const TITLE = 'Deleted'
const HELP = [
  'Deleted operating systems stay here until their space is needed. Enter brings one back, with all of its moments.',
  'The letter e deletes all of them for good.',
]

/** Operating systems that were deleted, to bring one back. */
export function openTrash(person: Person): Promise<void> {
  return person.openList({ title: TITLE, looking: 'Looking...', load: () => trashList(person), once: true })
}

async function trashList({ api }: Person): Promise<List> {
  const trash = await api.trash()
  return {
    title: TITLE,
    headline: trash.length === 0 ? 'There is no deleted operating system.' : 'Choose one to bring it back.',
    items: trash.map((each) => ({
      id: each.entry,
      label: nameOf(each),
      mark: ageOf(Date.parse(each.deletedAt), Date.now()),
      about: ['Enter brings it back, with all of its moments.'],
      open: (person) => restore(person, each),
    })),
    help: HELP,
    commands:
      trash.length === 0
        ? []
        : [
            {
              key: 'e',
              word: 'empty',
              does: 'delete all for good',
              open: (person) => empty(person, trash.length),
            },
          ],
  }
}

async function restore(person: Person, trashed: TrashedCartridge): Promise<void> {
  const name = nameOf(trashed)
  const yes = await person.choose({
    title: TITLE,
    text: [`Bring ${name} back?`, 'It appears in the list of operating systems again.'],
    answers: [
      { label: 'Yes, bring it back', value: true },
      { label: 'No, leave it', value: null },
    ],
    help: HELP,
    kind: 'harmless',
  })
  const act = () => person.api.restoreCartridge(trashed.entry)
  if (yes) await performAndTell(person, TITLE, act, [`${name} is back.`])
}

async function empty(person: Person, count: number): Promise<void> {
  const what = count === 1 ? 'the deleted operating system' : `all ${count} deleted operating systems`
  const yes = await confirm(person, {
    title: TITLE,
    text: [`Delete ${what} for good?`, 'Nothing can bring them back then.'],
    no: 'No, keep them',
    yes: 'Yes, for good',
    help: ['This screen asks before deleted operating systems are gone for good.'],
  })
  if (yes) await performAndTell(person, TITLE, () => person.api.emptyTrash(), ['They are gone.'])
}

function nameOf({ name }: TrashedCartridge): string {
  return clip(sanitize(name), 60) || 'one without a name'
}
