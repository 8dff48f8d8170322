import { connectApi } from '../../api/index.ts'
import { chosenCartridge } from '../choose.ts'
import { columns } from '../columns.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'

export async function plan({ machine, words, options, stdout }: CommandInput): Promise<undefined> {
  const api = connectApi(machine)
  const planned = await api.retentionPlan(await chosenCartridge(api, words))
  const rows = [
    ...planned.keep.map(({ name, reasons }) => ['keep', name, reasons.join(', ')]),
    ...planned.remove.map(({ name, reason }) => ['delete', name, reason]),
    ...planned.ifNeeded.map(({ name, reason }) => ['perhaps', name, reason]),
  ]
  if (options.json === true) stdout.write(`${JSON.stringify(planned, null, 2)}\n`)
  else stdout.write(rows.length > 0 ? columns(rows) : 'There are no moments yet.\n')
}

export async function prune(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const job = await playJob(input, api, await api.prune(cartridge))
  const { removed } = job.result as { removed: string[] }
  const snapshots = removed.length === 1 ? 'moment was' : 'moments were'
  say(input, `${removed.length} ${snapshots} deleted.`, job)
}

export async function makeRoom(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const job = await playJob(input, api, await api.makeRoom())
  const { removed, enough } = job.result as { removed: string[]; enough: boolean }
  const things = removed.length === 1 ? 'thing was' : 'things were'
  const end = enough ? 'Enough is free.' : 'Too little is free still, and nothing else may go.'
  say(input, `${removed.length} ${things} deleted. ${end}`, job)
}
