import { connectApi } from '../../api/index.ts'
import { chosenCartridge, chosenSnapshot } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'

export async function remove(input: CommandInput): Promise<undefined> {
  const { api, cartridge, snapshot } = await chosen(input)
  await api.deleteSnapshot(cartridge, snapshot)
  say(input, `${snapshot} is deleted.`, { cartridge, snapshot })
}

export async function pin(input: CommandInput): Promise<undefined> {
  const { api, cartridge, snapshot } = await chosen(input)
  await api.describeSnapshot(cartridge, snapshot, { pinned: true })
  say(input, `${snapshot} is kept until it is unpinned.`, { cartridge, snapshot, pinned: true })
}

export async function unpin(input: CommandInput): Promise<undefined> {
  const { api, cartridge, snapshot } = await chosen(input)
  await api.describeSnapshot(cartridge, snapshot, { pinned: false })
  say(input, `${snapshot} goes when its time comes.`, { cartridge, snapshot, pinned: false })
}

export async function note(input: CommandInput): Promise<undefined> {
  const { api, cartridge, snapshot } = await chosen(input)
  const { TEXT: text = '' } = input.words
  await api.describeSnapshot(cartridge, snapshot, { note: text })
  say(input, `The note about ${snapshot} is written.`, { cartridge, snapshot, note: text })
}

async function chosen({ machine, words }: CommandInput) {
  const api = connectApi(machine)
  const cartridge = await chosenCartridge(api, words)
  return { api, cartridge, snapshot: await chosenSnapshot(api, cartridge, words.SNAPSHOT) }
}
