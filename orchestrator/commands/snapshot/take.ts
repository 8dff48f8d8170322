import type { MomentKind } from '../../api/contract.ts'
import { connectApi } from '../../api/index.ts'
import { chosenCartridge } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'

export default async function take(input: CommandInput): Promise<undefined> {
  const { note, kind, 'if-written': onlyIfWritten } = input.options
  const api = connectApi(input.root)
  const cartridge = await chosenCartridge(api, input.words)
  const job = await api.takeSnapshot(cartridge, {
    // What is no kind is refused by the API, with a sentence.
    ...(typeof kind === 'string' ? { kind: kind as MomentKind } : {}),
    ...(typeof note === 'string' ? { note } : {}),
    ...(onlyIfWritten === true ? { onlyIfWritten } : {}),
  })
  const ended = await playJob(api, job)
  say(input, sentence(cartridge, ended.result), ended)
}

function sentence(cartridge: string, result: unknown): string {
  if (typeof result === 'object' && result !== null && 'name' in result)
    return `The present of ${cartridge} is kept as ${result.name}.`
  return 'Nothing was written since the last moment, so none was taken.'
}
