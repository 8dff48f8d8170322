import type { CartridgeInfo } from '../../orchestrator/api/index.ts'
import { dataDiskQuestion, dataDiskSaid, setDataDisk } from '../data-words.ts'
import type { Desk } from '../desk.ts'
import type { View } from '../view.ts'
import { AskTextView } from './ask-text.ts'
import { messageView } from './confirm.ts'
import { perform } from './perform.ts'

const TITLE = 'Disk for data'

/** Asks for a size and gives an operating system a disk for data, or makes the one that it has larger. */
export function dataDiskView(system: CartridgeInfo, desk: Desk): View {
  const view: View = new AskTextView(
    {
      title: TITLE,
      text: dataDiskQuestion(system),
      value: '',
      longest: 12,
      onDone: (typed) => {
        let created = false
        perform(desk, view, {
          title: TITLE,
          act: async () => {
            created = (await setDataDisk(desk.api, system, typed)).created
          },
          done: () => messageView({ title: TITLE, text: [dataDiskSaid(created)] }, desk),
        })
      },
    },
    desk,
  )
  return view
}
