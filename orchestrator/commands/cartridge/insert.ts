import { connectApi } from '../../api/index.ts'
import { usageError } from '../command-line.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'

export default async function insert(input: CommandInput): Promise<undefined> {
  const { CARTRIDGE: cartridge = '' } = input.words
  const { now = false, force = false } = input.options
  if (force && !now) throw usageError('--force goes with --now only.', 'cartridge insert')
  const api = connectApi(input.machine)
  if (now) {
    const job = await playJob(input, api, await api.switchTo(cartridge, force ? { force: true } : {}))
    say(input, `${cartridge} is inserted; a desktop that ran is started again with it.`, job)
    return
  }
  await api.insert(cartridge)
  say(input, `${cartridge} is inserted; the desktop is this one from its next start on.`, { cartridge })
}
