import { writeFileAtomic } from '../../host/atomic.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { finishChanges, isInserted, renamingRecord } from '../console-link/inserted.ts'
import { withCartridgeLock, withStoreLock } from '../lock.ts'
import { moveEntry } from '../move-entry.ts'
import { refuseRunning } from '../running.ts'
import { knownName, refuseTakenName } from './known.ts'
import { checkedName } from './names.ts'

/**
 * Gives a cartridge another name; resolves with it. When the console's link points to it, the change is noted beside the
 * link first: whoever reads the link after a crash between the two steps goes by that note (inserted.ts).
 * Throws DeskvisorError `bad-name`, `no-such-cartridge`, `name-taken` (all exit 2), `in-use`, `busy`.
 */
export async function renameCartridge(machine: Machine, name: string, newName: string): Promise<string> {
  const to = checkedName(newName)
  return withStoreLock(machine, async () => {
    const from = knownName(machine, name)
    if (from === to) return to
    refuseTakenName(machine, to, from)
    await refuseRunning(machine, from, 'be renamed')
    await withCartridgeLock(machine, from, () => {
      if (isInserted(machine, from)) renameInserted(machine, from, to)
      else renameFolder(machine, from, to)
    })
    return to
  })
}

function renameInserted(machine: Machine, from: string, to: string): void {
  writeFileAtomic(renamingRecord(machine), `${JSON.stringify({ from, to })}\n`)
  renameFolder(machine, from, to)
  try {
    finishChanges(machine)
  } catch (error) {
    // It has its new name already: the note says so, and the next change tries this again.
    log.warning(`console/cartridge still points to the former name of ${shown(to)}: ${sentenceOf(error)}`)
  }
}

function renameFolder(machine: Machine, from: string, to: string): void {
  moveEntry(machine.paths.cartridges, from, to)
}
