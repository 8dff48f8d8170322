import { connectApi, type TimelineInfo } from '../../api/index.ts'
import { chosenCartridge } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { snapshotRows } from './snapshot-rows.ts'

export async function list({ machine, words, options, stdout }: CommandInput): Promise<undefined> {
  const api = connectApi(machine)
  const timeline = await api.timeline(await chosenCartridge(api, words))
  const isUnknown = timeline.snapshots.some(
    ({ exclusiveBytes, writtenBytes }) => exclusiveBytes === null || writtenBytes === null,
  )
  const hint = isUnknown ? `deskvisor snapshot sizes ${timeline.cartridge} measures what is not known.\n` : ''
  if (options.json === true) printJson(stdout, timeline)
  else stdout.write(asText(timeline) + hint)
}

/** Measures first, and then lists. */
export async function sizes(input: CommandInput): Promise<undefined> {
  const { machine, words, options, stdout } = input
  const api = connectApi(machine)
  const cartridge = await chosenCartridge(api, words)
  const job = await playJob(input, api, await api.measureSizes(cartridge))
  const { failed } = job.result as { failed: string[] }
  const timeline = await api.timeline(cartridge)
  const left = failed.length > 0 ? `These could not be measured now: ${failed.join(', ')}.\n` : ''
  if (options.json === true) printJson(stdout, timeline)
  else stdout.write(asText(timeline) + left)
}

function printJson(stdout: CommandInput['stdout'], timeline: TimelineInfo): void {
  stdout.write(`${JSON.stringify(timeline, null, 2)}\n`)
}

function asText({ cartridge, snapshots, trying, undo }: TimelineInfo): string {
  if (snapshots.length === 0) return `${cartridge} has no moments yet.\n`
  const tried = trying ? `${trying.snapshot} ${phases[trying.phase]}\n` : ''
  return (
    snapshotRows(snapshots, Date.now()) +
    tried +
    (undo ? `deskvisor undo ${cartridge} returns to ${undo}.\n` : '')
  )
}

const phases = {
  armed: 'is tried at the next start.',
  running: 'is being tried.',
  ended: 'was tried: deskvisor keep, or deskvisor drop.',
} as const
