import { connectApi } from '../../api/index.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'

export default async function insert(input: CommandInput): Promise<undefined> {
  const { CARTRIDGE: cartridge = '' } = input.words
  await connectApi(input.root).insert(cartridge)
  say(input, `${cartridge} is inserted; it plays from the next start of the console on.`, { cartridge })
}
