import type { CartridgeInfo } from '../../api/contract.ts'
import { connectApi } from '../../api/index.ts'
import { oneLine } from '../../host/errors.ts'
import type { CommandInput } from '../description.ts'
import { writtenSize } from '../sizes.ts'

export default async function list({ machine, options, stdout }: CommandInput): Promise<undefined> {
  const all = await connectApi(machine).cartridges()
  if (options.json === true) stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  else if (all.length === 0) stdout.write('There is no operating system yet.\n')
  else for (const cartridge of all) stdout.write(`${cartridge.inserted ? '*' : ' '} ${written(cartridge)}\n`)
}

function written({ name, title, running, problem, ...more }: CartridgeInfo): string {
  const facts = [
    title === name ? name : `${name} (${title})`,
    ...(more.diskBytes === null ? [] : [writtenSize(more.diskBytes)]),
    ...(more.dataBytes === null ? [] : [`${writtenSize(more.dataBytes)} for data`]),
    ...(more.snapshots > 0 ? [`${more.snapshots} ${more.snapshots === 1 ? 'moment' : 'moments'}`] : []),
    ...(running ? ['running'] : []),
    ...(more.reset ? ['starts from its golden moment'] : []),
    ...(more.trying ? [`tries ${more.trying.snapshot}`] : []),
    ...(more.note ? [more.note] : []),
  ]
  return oneLine(problem ? `${facts[0]}: ${problem}` : facts.join(', '))
}
