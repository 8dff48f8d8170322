import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import { paths } from '../../host/paths.ts'
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
export async function insertCartridge(root: string, name: string): Promise<Cartridge> {
  return withStoreLock(root, async () => {
    const cartridge = readCartridge(root, knownName(root, name))
    try {
      await withReserve(root, () => swapLink(paths(root).inserted, `../cartridges/${cartridge.name}`))
    } catch (error) {
      const sentence = `console/cartridge cannot be changed: ${sentenceOf(error)}.`
      throw storageError(error) ?? new DeskvisorError('insert-failed', sentence, { cause: error })
    }
    return cartridge
  })
}
