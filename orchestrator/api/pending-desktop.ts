import { existsSync, rmSync } from 'node:fs'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import type { Desktop } from './desktop.ts'
import { isAlive, thisProcess } from './owner.ts'

/**
 * Notes that this process is about to shut the desktop down and will start it again; the function that is returned takes
 * the note back. Should the process die in between, whoever serves next starts the desktop: systemd starts the daemon
 * again for that (deskvisor-api.service). The note is in /run, for a restart of the machine starts the desktop anyway.
 */
export function oweDesktop(machine: Machine): () => void {
  const note = machine.paths.pendingDesktop
  try {
    writeFileAtomic(note, `${JSON.stringify(thisProcess())}\n`)
  } catch (error) {
    log.warning(`That the desktop is to be started again cannot be noted: ${sentenceOf(error)}`)
  }
  return () => takeBack(note)
}

/** Starts the desktop that a process which died had shut down, or was about to. Never throws. */
export async function startPendingDesktop(
  machine: Machine,
  desktop: Desktop,
  signal?: AbortSignal,
): Promise<void> {
  const note = machine.paths.pendingDesktop
  if (!existsSync(note) || isAlive(asObject(readJson(note)))) return
  log.warning(
    'A program that had shut the desktop down ended before its work was done; the desktop is started.',
  )
  try {
    await desktop.start(signal)
  } catch (error) {
    log.error(sentenceOf(error))
  } finally {
    takeBack(note)
  }
}

/** The work is done, whether or not the note can be removed. */
function takeBack(note: string): void {
  try {
    rmSync(note, { force: true, recursive: true })
  } catch (error) {
    log.warning(`${note} cannot be removed: ${sentenceOf(error)}`)
  }
}
