import type { TrashedCartridge } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { clip } from '../terminal/text.ts'
import { ageOf } from '../time.ts'
import type { View } from '../view.ts'
import { ChoiceView } from './choice.ts'
import { confirmView, messageView } from './confirm.ts'
import { perform } from './perform.ts'
import { type Pick, pickView } from './pick.ts'

const TITLE = 'Deleted'
const HELP = [
  'Deleted operating systems stay here until their space is needed. Enter brings one back, with all of its moments.',
  'The letter e deletes all of them for good.',
]

/** Operating systems that were deleted, to bring one back. */
export function trashView(desk: Desk): Promise<View> {
  return pickView(async (): Promise<Pick> => {
    const trash = await desk.api.trash()
    const empty = {
      key: 'e',
      does: 'delete all for good',
      act: () => desk.open(emptyView(trash.length, desk)),
    }
    return {
      title: TITLE,
      headline: trash.length === 0 ? 'There is no deleted operating system.' : 'Choose one to bring it back.',
      items: trash.map((each) => ({
        id: each.entry,
        label: nameOf(each),
        mark: ageOf(Date.parse(each.deletedAt), Date.now()),
        about: ['Enter brings it back, with all of its moments.'],
        act: () => desk.open(restoreView(each, desk)),
      })),
      help: HELP,
      letters: trash.length === 0 ? [] : [empty],
    }
  }, desk)
}

function restoreView(trashed: TrashedCartridge, desk: Desk): View {
  const name = nameOf(trashed)
  const view: View = new ChoiceView(
    {
      title: TITLE,
      text: [`Bring ${name} back?`, 'It appears in the list of operating systems again.'],
      choices: [
        {
          label: 'Yes, bring it back',
          act: () =>
            perform(desk, view, {
              title: TITLE,
              act: () => desk.api.restoreCartridge(trashed.entry),
              done: () => messageView({ title: TITLE, text: [`${name} is back.`] }, desk),
            }),
        },
        { label: 'No, leave it', act: () => desk.back() },
      ],
      help: HELP,
    },
    desk,
  )
  return view
}

function emptyView(count: number, desk: Desk): View {
  const what = count === 1 ? 'the deleted operating system' : `all ${count} deleted operating systems`
  const view: View = confirmView(
    {
      title: TITLE,
      text: [`Delete ${what} for good?`, 'Nothing can bring them back then.'],
      no: 'No, keep them',
      yes: 'Yes, for good',
      help: ['This screen asks before deleted operating systems are gone for good.'],
      onYes: () =>
        perform(desk, view, {
          title: TITLE,
          act: () => desk.api.emptyTrash(),
          done: () => messageView({ title: TITLE, text: ['They are gone.'] }, desk),
        }),
    },
    desk,
  )
  return view
}

function nameOf({ name }: TrashedCartridge): string {
  return clip(sanitize(name), 60) || 'one without a name'
}
