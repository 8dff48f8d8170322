import { connectApi } from '../api/index.ts'
import { chosenCartridge, chosenSnapshot } from './choose.ts'
import type { CommandInput } from './description.ts'
import { playJob } from './play-job.ts'
import { say } from './say.ts'

export async function rollback(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const snapshot = await chosenSnapshot(api, cartridge, input.words.SNAPSHOT)
  const job = await playJob(input, api, await api.rollBack(cartridge, snapshot, forced(input)))
  say(
    input,
    `${cartridge} is back at ${snapshot}. What was the present is kept; deskvisor undo ${cartridge} returns to it.`,
    job,
  )
}

export async function undo(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const job = await playJob(input, api, await api.undo(cartridge, forced(input)))
  say(
    input,
    `The last rollback of ${cartridge} is undone. deskvisor undo ${cartridge} takes that back too.`,
    job,
  )
}

function forced({ options }: CommandInput): { force?: boolean } {
  return options.force === true ? { force: true } : {}
}
