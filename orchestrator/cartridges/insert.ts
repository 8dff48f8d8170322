import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { readCartridge } from './inspect.ts'
import { listCartridges } from './list.ts'
import { withStoreLock } from './lock.ts'
import { checkedName, sameName } from './names.ts'
import type { Cartridge } from './types.ts'

/**
 * Points the console at another cartridge, atomically; takes effect at the next start of the console.
 * Throws DeskvisorError `bad-name` (exit 2), `no-such-cartridge` (exit 2), `no-cartridge` when it is damaged, `busy`.
 */
export async function insertCartridge(root: string, name: string): Promise<Cartridge> {
  const wanted = checkedName(name)
  const known = listCartridges(root).find((entry) => sameName(entry.name, wanted))
  if (!known) {
    throw new DeskvisorError('no-such-cartridge', `There is no operating system with the name ${wanted}.`, {
      hint: 'deskvisor cartridge list shows what there is.',
      exitCode: 2,
    })
  }
  const cartridge = readCartridge(root, known.name)
  await withStoreLock(root, () => swapLink(paths(root).inserted, `../cartridges/${cartridge.name}`))
  return cartridge
}

function swapLink(link: string, target: string): void {
  const folder = dirname(link)
  const beside = join(folder, '.cartridge.new')
  try {
    makeFolder(folder)
    rmSync(beside, { force: true })
    symlinkSync(target, beside)
    renameSync(beside, link)
    syncFolder(folder)
  } catch (error) {
    throw new DeskvisorError('insert-failed', `console/cartridge cannot be changed: ${sentenceOf(error)}.`, {
      cause: error,
    })
  }
}
