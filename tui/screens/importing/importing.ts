import { basename } from 'node:path'
import type { ImportSource } from '../../../orchestrator/api/contract.ts'
import { shortName } from '../../names.ts'
import type { List, Person } from '../../person.ts'
import { tell } from '../../questions.ts'
import { sanitize } from '../../terminal/sanitize.ts'
import { clip } from '../../terminal/text.ts'
import { gigabytes } from '../../words.ts'

const TITLE = 'Bring in'
const HELP = [
  'An operating system that is installed on another disk, or in a disk image on it, can be copied to this computer.',
  'That disk is only read. The copy appears in the list of operating systems; nothing else changes.',
]

/** Disks that are plugged in, and disk images on them, to bring an operating system in. */
export function openImport(person: Person): Promise<void> {
  const load = () => sourceList(person)
  return person.openList({ title: TITLE, looking: 'Looking for disks...', load, once: true })
}

async function sourceList({ api }: Person): Promise<List> {
  const sources = await api.importSources()
  const taken = (await api.cartridges()).map(({ name }) => name)
  return {
    title: TITLE,
    headline:
      sources.length === 0
        ? 'No disk was found. Plug one in, wait a moment, and press r.'
        : 'Choose the disk to copy from and press Enter. It is only read.',
    items: sources.map((source) => ({
      id: source.path,
      label: labelOf(source),
      mark: gigabytes(source.bytes),
      about: [clip(sanitize(source.path), 200)],
      open: (person) => bringIn(person, source, taken),
    })),
    help: HELP,
    commands: [{ key: 'r', does: 'look again', act: async () => '' }],
  }
}

async function bringIn(person: Person, source: ImportSource, taken: string[]): Promise<void> {
  const title = await person.askText({
    title: TITLE,
    text: ['What shall it be called?', `It is copied from: ${labelOf(source)}`],
    value: suggestedTitle(source),
    longest: 60,
  })
  if (title === null) return
  const name = shortName(title, taken)
  const ended = await person.follow({
    title: TITLE,
    text: `${sanitize(title)} is copied to this computer.`,
    start: () => person.api.importCartridge({ file: source.path, name, title }),
    stopped: 'Nothing was copied.',
  })
  if (ended === null) return
  const how = '"Make it the desktop" in its list starts it.'
  await tell(person, TITLE, [`${sanitize(title)} is there now.`, how])
}

function labelOf({ text, path }: ImportSource): string {
  return clip(sanitize(text).trim() || sanitize(path), 200)
}

/** The name of an image without its endings; a whole disk has no name that anybody would want. */
function suggestedTitle({ path }: ImportSource): string {
  const stem = sanitize(basename(path)).replace(/(?:\.(?:raw|img|qcow2|vmdk|vhdx|xz|zst|gz))+$/i, '')
  return path.startsWith('/dev/') ? '' : stem
}
