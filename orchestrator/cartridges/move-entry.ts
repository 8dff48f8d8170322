import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { shown } from '../host/plain-text.ts'

/**
 * Renames something in a folder so that it survives a power cut. When it throws, the errno of the call that failed, everything
 * is called as before; else DeskvisorError `half-done` says what is not.
 */
export function moveEntry(folder: string, from: string, to: string): void {
  renameSync(join(folder, from), join(folder, to))
  try {
    syncFolder(folder)
  } catch (error) {
    moveBack(folder, { from, to }, error)
    throw error
  }
}

/** Takes a move back because of `reason`. Throws DeskvisorError `half-done` when that cannot be. */
export function moveBack(folder: string, { from, to }: { from: string; to: string }, reason: unknown): void {
  try {
    renameSync(join(folder, to), join(folder, from))
  } catch {
    const sentence = `${shown(from)} is called ${shown(to)} now, but more went wrong: ${sentenceOf(reason)}.`
    throw new DeskvisorError('half-done', sentence, {
      next: [
        { do: 'run', text: '{command} shows what there is.', command: 'deskvisor cartridge list' },
        { do: 'run', text: '{command} shows what there is.', command: 'deskvisor cartridge trash' },
      ],
      cause: reason,
    })
  }
}
