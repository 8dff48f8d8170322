import { resolve } from 'node:path'
import { connectApi } from '../../api/index.ts'
import type { CommandInput } from '../description.ts'
import { playJob } from '../play-job.ts'
import { say } from '../say.ts'
import { shellWord } from '../shell-word.ts'

export default async function importCommand(input: CommandInput): Promise<undefined> {
  const { FILE: file = '' } = input.words
  const { title } = input.options
  const name = String(input.options.name)
  // Standard input is this process's own.
  const api = connectApi(input.machine, { ownWork: file === '-' })
  const job = await api.importCartridge({
    file: file === '-' ? file : resolve(file),
    name,
    ...(typeof title === 'string' ? { title } : {}),
  })
  const ended = await playJob(input, api, job)
  say(input, `${name} is imported. To play it: deskvisor cartridge insert ${shellWord(name)}`, ended)
}
