import { resolve } from 'node:path'
import { connectApi } from '../../api/index.ts'
import { chosenCartridge, chosenSnapshot } from '../choose.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'

export default async function exportCommand(input: CommandInput): Promise<undefined> {
  const { FILE: file = '' } = input.words
  const { snapshot } = input.options
  const toOutput = file === '-'
  // Standard output is this process's own, and then nothing but the disk goes there.
  const api = connectApi(input.machine, { ownWork: toOutput })
  const cartridge = await chosenCartridge(api, input.words)
  const job = await api.exportCartridge({
    cartridge,
    file: toOutput ? file : resolve(file),
    ...(typeof snapshot === 'string' ? { snapshot: await chosenSnapshot(api, cartridge, snapshot) } : {}),
  })
  const ended = await playJob(input, api, job)
  if (!toOutput) say(input, `${cartridge} is exported to ${file}.`, ended)
}
