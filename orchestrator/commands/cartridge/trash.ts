import { connectApi } from '../../api/index.ts'
import { columns } from '../columns.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'
import { shellWord } from '../shell-word.ts'

export async function remove(input: CommandInput): Promise<undefined> {
  const { CARTRIDGE: cartridge = '' } = input.words
  const { trash } = await connectApi(input.machine).deleteCartridge(cartridge)
  say(
    input,
    `${cartridge} lies in the trash. To take it out again: deskvisor cartridge restore ${shellWord(trash)}`,
    {
      trash,
    },
  )
}

export async function trash({ machine, options, stdout }: CommandInput): Promise<undefined> {
  const api = connectApi(machine)
  if (options.empty === true) await api.emptyTrash()
  const entries = await api.trash()
  if (options.json === true) stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
  else if (entries.length === 0) stdout.write('The trash is empty.\n')
  else stdout.write(columns(entries.map(({ entry, name, deletedAt }) => [entry, name, deletedAt])))
}

export async function restore(input: CommandInput): Promise<undefined> {
  const { ENTRY: entry = '' } = input.words
  const api = connectApi(input.machine)
  const name = (await api.trash()).find((trashed) => trashed.entry === entry)?.name
  await api.restoreCartridge(entry)
  // Deleting the inserted one took it out, and nobody is surprised by what the console plays next.
  const next = `To play it: deskvisor cartridge insert ${shellWord(name ?? 'NAME')}`
  say(input, `${name ?? 'It'} is back. ${next}`, { entry })
}
