import { connectApi } from '../../api/index.ts'
import { chosenCartridge, chosenMoment } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'

export async function remove(input: CommandInput): Promise<undefined> {
  const { api, cartridge, moment } = await chosen(input)
  await api.deleteSnapshot(cartridge, moment)
  say(input, `${moment} is deleted.`, { cartridge, moment })
}

export async function pin(input: CommandInput): Promise<undefined> {
  const { api, cartridge, moment } = await chosen(input)
  await api.describeSnapshot(cartridge, moment, { pinned: true })
  say(input, `${moment} is kept until it is unpinned.`, { cartridge, moment, pinned: true })
}

export async function unpin(input: CommandInput): Promise<undefined> {
  const { api, cartridge, moment } = await chosen(input)
  await api.describeSnapshot(cartridge, moment, { pinned: false })
  say(input, `${moment} goes when its time comes.`, { cartridge, moment, pinned: false })
}

export async function note(input: CommandInput): Promise<undefined> {
  const { api, cartridge, moment } = await chosen(input)
  const { TEXT: text = '' } = input.words
  await api.describeSnapshot(cartridge, moment, { note: text })
  say(input, `The note about ${moment} is written.`, { cartridge, moment, note: text })
}

async function chosen({ machine, words }: CommandInput) {
  const api = connectApi(machine)
  const cartridge = await chosenCartridge(api, words)
  return { api, cartridge, moment: await chosenMoment(api, cartridge, words.MOMENT) }
}
