import { connectApi } from '../../api/index.ts'
import { usageError } from '../command-line.ts'
import type { CommandInput } from '../description.ts'
import { say } from '../say.ts'
import { parseSize } from '../sizes.ts'

/** Either a size or --remove: what would be lost for ever is never guessed. */
export default async function data(input: CommandInput): Promise<undefined> {
  const { CARTRIDGE: cartridge = '', SIZE: size } = input.words
  const remove = input.options.remove === true
  if (remove === (size !== undefined)) {
    const problem = remove ? `${JSON.stringify(size)} does not fit` : 'Something is missing'
    throw usageError(`${problem}; expected CARTRIDGE and either SIZE or --remove.`, 'cartridge data')
  }
  const api = connectApi(input.machine)
  if (size === undefined) {
    await api.removeDataDisk(cartridge)
    say(input, `${cartridge} has no disk for data any more.`, { cartridge, removed: true })
    return
  }
  const sizeBytes = parseSize(size, 'cartridge data')
  const { created } = await api.setDataDisk(cartridge, sizeBytes)
  const sentence = created
    ? `${cartridge} has a disk for data; it finds it at its next start, empty.`
    : `The disk for data of ${cartridge} is larger; its operating system has to be told to use it.`
  say(input, sentence, { cartridge, sizeBytes, created })
}
