import type { Moment, TimelineInfo } from '../../api/contract.ts'
import { connectApi } from '../../api/index.ts'
import { chosenCartridge } from '../choose.ts'
import { columns } from '../columns.ts'
import type { CommandInput } from '../description.ts'
import { writtenSize } from '../sizes.ts'

export default async function list({ root, words, options }: CommandInput): Promise<undefined> {
  const api = connectApi(root)
  const timeline = await api.timeline(await chosenCartridge(api, words))
  process.stdout.write(options.json === true ? `${JSON.stringify(timeline, null, 2)}\n` : asText(timeline))
}

function asText({ cartridge, snapshots, trying, undo }: TimelineInfo): string {
  if (snapshots.length === 0) return `${cartridge} has no moments yet.\n`
  const head = ['MOMENT', 'HELD ONLY BY IT', 'WRITTEN', 'ABOUT']
  const rows = snapshots.map((moment) => [
    moment.name,
    writtenSize(moment.exclusiveBytes),
    writtenSize(moment.writtenBytes),
    about(moment),
  ])
  const tried = trying ? `${trying.snapshot} ${phases[trying.phase]}\n` : ''
  return columns([head, ...rows]) + tried + (undo ? `deskvisor undo ${cartridge} returns to ${undo}.\n` : '')
}

const phases = {
  armed: 'is tried at the next start.',
  running: 'is being tried.',
  ended: 'was tried: deskvisor keep, or deskvisor drop.',
} as const

function about({ healthy, pinned, consistency, osLabel, note }: Moment): string {
  const facts = [
    ...(healthy ? ['known good'] : []),
    ...(pinned ? ['pinned'] : []),
    ...(consistency === 'crash-consistent' ? ['as after a power cut'] : []),
    ...(osLabel ? [osLabel] : []),
    ...(note ? [note] : []),
  ]
  return facts.join(', ')
}
