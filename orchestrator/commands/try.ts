import { connectApi } from '../api/index.ts'
import { chosenCartridge, chosenSnapshot } from './choose.ts'
import type { CommandInput } from './description.ts'
import { say } from './say.ts'

export async function trySnapshot(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const snapshot = await chosenSnapshot(api, cartridge, input.words.SNAPSHOT)
  await api.trySnapshot(cartridge, snapshot)
  say(
    input,
    `The next start of ${cartridge} begins at ${snapshot}. Afterwards: deskvisor keep, or deskvisor drop.`,
    { cartridge, snapshot },
  )
}

export async function keep(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  await api.keepTry(cartridge)
  say(
    input,
    `What was tried is the present of ${cartridge} now; deskvisor undo ${cartridge} returns to the one before.`,
    {
      cartridge,
    },
  )
}

export async function drop(input: CommandInput): Promise<undefined> {
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  await api.dropTry(cartridge)
  say(input, `What was tried is dropped; the present of ${cartridge} is as it was.`, { cartridge })
}
