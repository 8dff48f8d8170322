import { uptime } from 'node:os'
import { type Api, connectApi, isTakenByItself, type SnapshotKind } from '../../api/index.ts'
import { chosenCartridge, playedCartridge } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'
import { canWait } from './scheduled.ts'

export default async function take(input: CommandInput): Promise<undefined> {
  const { note, 'if-written': onlyIfWritten } = input.options
  // What is no kind is refused by the API, with a sentence.
  const kind = (input.options.kind ?? 'manual') as SnapshotKind
  const api = connectApi(input.machine)
  const choose = () => (isTakenByItself(kind) ? playedCartridge : chosenCartridge)(api, input.words)
  const asked = { trigger: input.env.TRIGGER_UNIT, now: input.machine.clock.now(), upMs: uptime() * 1000 }
  if (await canWait(kind, asked, async () => snapshotNames(api, await choose()))) {
    say(input, 'The start of this computer or a moment is less than half an hour ago: none was taken.', null)
    return
  }
  const cartridge = await choose()
  const job = await api.takeSnapshot(cartridge, {
    kind,
    ...(typeof note === 'string' ? { note } : {}),
    ...(onlyIfWritten === true ? { onlyIfWritten } : {}),
  })
  const ended = await playJob(input, api, job)
  say(input, sentence(cartridge, ended.result), ended)
}

/** Not from the timeline: in the daemon, who reads that has sizes measured, which is work beside a running desktop. */
async function snapshotNames(api: Api, cartridge: string): Promise<string[]> {
  const { keep, remove, ifNeeded } = await api.retentionPlan(cartridge)
  return [...keep, ...remove, ...ifNeeded].map(({ name }) => name)
}

function sentence(cartridge: string, result: unknown): string {
  if (typeof result === 'object' && result !== null && 'name' in result)
    return `The present of ${cartridge} is kept as ${result.name}.`
  return 'Nothing was written since the last moment, so none was taken.'
}
