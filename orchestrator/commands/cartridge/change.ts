import { connectApi } from '../../api/index.ts'
import { chosenCartridge, chosenSnapshot } from '../choose.ts'
import { usageError } from '../command-line.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'
import { parseSize } from '../sizes.ts'

export async function rename(input: CommandInput): Promise<undefined> {
  const { api, cartridge } = await chosen(input)
  const { 'NEW-NAME': newName = '' } = input.words
  await api.renameCartridge(cartridge, newName)
  say(input, `${cartridge} is called ${newName} now.`, { cartridge: newName })
}

export async function note(input: CommandInput): Promise<undefined> {
  const { api, cartridge } = await chosen(input)
  const { TEXT: text = '' } = input.words
  const { title } = input.options
  await api.describeCartridge(cartridge, { note: text, ...(typeof title === 'string' ? { title } : {}) })
  say(input, `The note about ${cartridge} is written.`, { cartridge, note: text })
}

export async function freeze(input: CommandInput): Promise<undefined> {
  const on = isOn(input, 'freeze')
  const { api, cartridge } = await chosen(input)
  await api.describeCartridge(cartridge, { freeze: on })
  const sentence = on
    ? `${cartridge} is asked to write everything back before a moment is taken while it runs.`
    : `${cartridge} is only stopped for an instant when a moment is taken while it runs.`
  say(input, sentence, { cartridge, freeze: on })
}

export async function golden(input: CommandInput): Promise<undefined> {
  const { api, cartridge } = await chosen(input)
  const { SNAPSHOT: word } = input.words
  const snapshot = word === 'none' ? null : await chosenSnapshot(api, cartridge, word)
  await api.describeCartridge(cartridge, { golden: snapshot })
  const sentence =
    snapshot === null
      ? `${cartridge} has no golden moment any more.`
      : `${snapshot} is the golden moment now, the one for every start.`
  say(input, sentence, { cartridge, golden: snapshot })
}

export async function reset(input: CommandInput): Promise<undefined> {
  const on = isOn(input, 'reset')
  const { api, cartridge } = await chosen(input)
  await api.describeCartridge(cartridge, { reset: on })
  const sentence = on
    ? `Every start of ${cartridge} begins from its golden moment.`
    : `${cartridge} goes on from where it was left.`
  say(input, sentence, { cartridge, reset: on })
}

export async function grow(input: CommandInput): Promise<undefined> {
  const sizeBytes = parseSize(input.words.SIZE ?? '', 'cartridge grow')
  const { api, cartridge } = await chosen(input)
  await api.growDisk(cartridge, sizeBytes)
  say(input, `The disk of ${cartridge} is larger; its operating system has to be told to use it.`, {
    cartridge,
    sizeBytes,
  })
}

async function chosen({ machine, words }: CommandInput) {
  const api = connectApi(machine)
  return { api, cartridge: await chosenCartridge(api, words) }
}

function isOn({ words }: CommandInput, verb: string): boolean {
  const word = words['ON-OR-OFF'] ?? ''
  if (word === 'on' || word === 'off') return word === 'on'
  throw usageError(`${JSON.stringify(word)} does not fit; expected on or off.`, `cartridge ${verb}`)
}
