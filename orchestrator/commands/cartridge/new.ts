import { connectApi } from '../../api/index.ts'
import { chosenCartridge, chosenSnapshot } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'
import { shellWord } from '../shell-word.ts'
import { parseSize } from '../sizes.ts'

export async function create(input: CommandInput): Promise<undefined> {
  const { NAME: name = '' } = input.words
  const { size, title } = input.options
  const api = connectApi(input.machine)
  const job = await api.createCartridge({
    name,
    sizeBytes: parseSize(String(size), 'cartridge create'),
    ...(typeof title === 'string' ? { title } : {}),
  })
  say(
    input,
    `${name} is there. To play it: deskvisor cartridge insert ${shellWord(name)}`,
    await playJob(input, api, job),
  )
}

export async function clone(input: CommandInput): Promise<undefined> {
  const { 'NEW-NAME': newName = '' } = input.words
  const { snapshot } = input.options
  const api = connectApi(input.machine)
  const cartridge = await chosenCartridge(api, input.words)
  const job = await api.cloneCartridge({
    cartridge,
    newName,
    ...(typeof snapshot === 'string' ? { snapshot: await chosenSnapshot(api, cartridge, snapshot) } : {}),
  })
  const ended = await playJob(input, api, job)
  say(
    input,
    `${newName} is made from ${cartridge}. To play it: deskvisor cartridge insert ${shellWord(newName)}`,
    ended,
  )
}
