import { basename } from 'node:path'
import type { ImportSource } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { shortName } from '../names.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { clip } from '../terminal/text.ts'
import type { View } from '../view.ts'
import { gigabytes } from '../words.ts'
import { AskTextView } from './ask-text.ts'
import { messageView } from './confirm.ts'
import { JobView } from './job.ts'
import { type Pick, type PickView, pickView } from './pick.ts'

const HELP = [
  'An operating system that is installed on another disk, or in a disk image on it, can be copied to this computer.',
  'That disk is only read. The copy appears in the list of operating systems; nothing else changes.',
]

/** Disks that are plugged in, and disk images on them, to bring an operating system in. */
export async function importView(desk: Desk): Promise<View> {
  const view: PickView = await pickView(async (): Promise<Pick> => {
    const sources = await desk.api.importSources()
    const taken = (await desk.api.cartridges()).map(({ name }) => name)
    return {
      title: 'Bring in',
      headline:
        sources.length === 0
          ? 'No disk was found. Plug one in, wait a moment, and press r.'
          : 'Choose the disk to copy from and press Enter. It is only read.',
      items: sources.map((source) => ({
        id: source.path,
        label: labelOf(source),
        mark: gigabytes(source.bytes),
        about: [clip(sanitize(source.path), 200)],
        act: () => desk.open(nameView(source, taken, desk)),
      })),
      help: HELP,
      letters: [{ key: 'r', does: 'look again', act: () => void view.reload() }],
    }
  }, desk)
  return view
}

function labelOf({ text, path }: ImportSource): string {
  return clip(sanitize(text).trim() || sanitize(path), 200)
}

function nameView(source: ImportSource, taken: string[], desk: Desk): View {
  const view: View = new AskTextView(
    {
      title: 'Bring in',
      text: ['What shall it be called?', `It is copied from: ${labelOf(source)}`],
      value: suggestedTitle(source),
      longest: 60,
      onDone: (title) => {
        const name = shortName(title, taken)
        const work = {
          title: 'Bring in',
          text: `${sanitize(title)} is copied to this computer.`,
          start: () => desk.api.importCartridge({ file: source.path, name, title }),
          done: () => {
            const text = [`${sanitize(title)} is there now.`, '"Make it the desktop" in its list starts it.']
            return messageView({ title: 'Bring in', text }, desk)
          },
          stopped: 'Nothing was copied.',
        }
        desk.replace(view, new JobView(work, desk))
      },
    },
    desk,
  )
  return view
}

/** The name of an image without its endings; a whole disk has no name that anybody would want. */
function suggestedTitle({ path }: ImportSource): string {
  const stem = sanitize(basename(path)).replace(/(?:\.(?:raw|img|qcow2|vmdk|vhdx|xz|zst|gz))+$/i, '')
  return path.startsWith('/dev/') ? '' : stem
}
