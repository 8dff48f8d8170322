import { connectApi } from '../api/index.ts'
import { chosenCartridge, chosenMoment } from './choose.ts'
import type { CommandInput } from './description.ts'
import { playJob } from './play-job.ts'
import { say } from './say.ts'

export async function rollback(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const moment = await chosenMoment(api, cartridge, input.words.MOMENT)
  const job = await playJob(input, api, await api.rollBack(cartridge, moment, forced(input)))
  say(
    input,
    `${cartridge} is back at ${moment}. What was the present is kept; deskvisor undo ${cartridge} returns to it.`,
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
