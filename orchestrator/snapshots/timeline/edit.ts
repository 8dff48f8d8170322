import { DeskvisorError, oneLine } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { changing } from '../change.ts'
import { snapshotPath } from '../folders.ts'
import { removeSnapshot } from '../retention/remove.ts'
import { readTry } from '../try/try-record.ts'
import { changeNotes, maxNoteLength } from './notes.ts'

/**
 * Removes a snapshot for ever. Throws DeskvisorError `no-such-cartridge`, `no-such-snapshot`, `golden`, `being-tried`
 * (all exit 2), `busy`, `read-only`.
 */
export async function deleteSnapshot(machine: Machine, name: string, snapshot: string): Promise<void> {
  await changing(machine, name, async (opened) => {
    snapshotPath(opened, snapshot)
    if (opened.settings().golden === snapshot) {
      throw new DeskvisorError(
        'golden',
        `${shown(snapshot)} is the golden moment of ${shown(name)}, the one for every start.`,
        {
          next: { do: 'other-golden' },
          snapshot: snapshot,
        },
      )
    }
    if (readTry(opened)?.snapshot === snapshot) {
      throw new DeskvisorError('being-tried', `${shown(snapshot)} of ${shown(name)} is being tried.`, {
        next: { do: 'decide-try' },
        snapshot: snapshot,
      })
    }
    await removeSnapshot(opened, snapshot)
  })
}

/**
 * Changes the note of a snapshot, or whether retention may remove it. Throws DeskvisorError `no-such-cartridge`,
 * `no-such-snapshot`, `bad-description` (all exit 2), `busy`, `read-only`, `no-space`.
 */
export async function describeSnapshot(
  machine: Machine,
  name: string,
  snapshot: string,
  change: { note?: string; pinned?: boolean },
): Promise<void> {
  if (change.note !== undefined && change.note.length > maxNoteLength) {
    throw new DeskvisorError('bad-description', `The note is longer than ${maxNoteLength} characters.`)
  }
  await changing(machine, name, (opened) => {
    snapshotPath(opened, snapshot)
    changeNotes(opened, snapshot, {
      ...(change.note !== undefined && { note: oneLine(change.note) }),
      ...(change.pinned !== undefined && { pinned: change.pinned }),
    })
  })
}
