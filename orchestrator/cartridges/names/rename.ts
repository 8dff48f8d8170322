import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder, writeFileAtomic } from '../../host/atomic.ts'
import { paths } from '../../host/paths.ts'
import { isInserted, renamingRecord } from '../console-link/inserted.ts'
import { withCartridgeLock, withStoreLock } from '../lock.ts'
import { moveEntry } from '../move-entry.ts'
import { refuseRunning } from '../running.ts'
import { swapLink } from '../swap-link.ts'
import { knownName, refuseTakenName } from './known.ts'
import { checkedName } from './names.ts'

/**
 * Gives a cartridge another name; resolves with it. When the console's link points to it, the change is noted beside the
 * link first: whoever reads the link after a crash between the two steps goes by that note (inserted.ts).
 * Throws DeskvisorError `bad-name`, `no-such-cartridge`, `name-taken` (all exit 2), `in-use`, `busy`.
 */
export async function renameCartridge(root: string, name: string, newName: string): Promise<string> {
  const to = checkedName(newName)
  return withStoreLock(root, async () => {
    const from = knownName(root, name)
    if (from === to) return to
    refuseTakenName(root, to, from)
    await refuseRunning(root, from, 'be renamed')
    await withCartridgeLock(root, from, () => {
      if (isInserted(root, from)) renameInserted(root, from, to)
      else renameFolder(root, from, to)
    })
    return to
  })
}

function renameInserted(root: string, from: string, to: string): void {
  const record = renamingRecord(root)
  writeFileAtomic(record, `${JSON.stringify({ from, to })}\n`)
  renameFolder(root, from, to)
  swapLink(paths(root).inserted, `../cartridges/${to}`)
  rmSync(record, { force: true })
  syncFolder(dirname(record))
}

function renameFolder(root: string, from: string, to: string): void {
  moveEntry(paths(root).cartridges, from, to)
}
