import { connectApi } from '../../api/index.ts'
import { columns } from '../columns.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'

export async function remove(input: CommandInput): Promise<undefined> {
  const { CARTRIDGE: cartridge = '' } = input.words
  const { trash } = await connectApi(input.root).deleteCartridge(cartridge)
  say(input, `${cartridge} lies in the trash. To take it out again: deskvisor cartridge restore ${trash}`, {
    trash,
  })
}

export async function trash({ root, options }: CommandInput): Promise<undefined> {
  const api = connectApi(root)
  if (options.empty === true) await api.emptyTrash()
  const entries = await api.trash()
  if (options.json === true) process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
  else if (entries.length === 0) process.stdout.write('The trash is empty.\n')
  else process.stdout.write(columns(entries.map(({ entry, name, deletedAt }) => [entry, name, deletedAt])))
}

export async function restore(input: CommandInput): Promise<undefined> {
  const { ENTRY: entry = '' } = input.words
  await connectApi(input.root).restoreCartridge(entry)
  say(input, 'It is back; deskvisor cartridge list shows it.', { entry })
}
