import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { storageError } from '../../host/storage-error.ts'
import { withReserve } from '../../space/index.ts'
import { readCartridge } from '../inspect.ts'
import { withStoreLock } from '../lock.ts'
import { knownName } from '../names/known.ts'
import { swapLink } from '../swap-link.ts'
import type { Cartridge } from '../types.ts'

/**
 * Points the console at another cartridge, atomically; takes effect at the next start of the console.
 * Throws DeskvisorError `bad-name` (exit 2), `no-such-cartridge` (exit 2), `no-cartridge` when it is damaged, `busy`.
 */
export async function insertCartridge(machine: Machine, name: string): Promise<Cartridge> {
  return withStoreLock(machine, async () => {
    const cartridge = readCartridge(machine, knownName(machine, name))
    try {
      await withReserve(machine, () => swapLink(machine.paths.inserted, `../cartridges/${cartridge.name}`))
    } catch (error) {
      const sentence = `console/cartridge cannot be changed: ${sentenceOf(error)}.`
      throw storageError(error) ?? new DeskvisorError('insert-failed', sentence, { cause: error })
    }
    return cartridge
  })
}
