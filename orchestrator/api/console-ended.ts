import { consoleCartridge, endConsole, type Playing } from '../console/index.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Told } from './jobs.ts'
import { localApi } from './local.ts'

export type EndOptions = {
  root: string
  /** Whether what the console plays is in the way of the work. */
  ends: (playing: Playing) => boolean
  force: boolean
  told: Told
}

/**
 * Does work that cannot be done beside what the console plays: the desktop is shut down in order before, and started
 * again afterwards, whether the work succeeded or not. Throws DeskvisorError
 * `guest-does-not-end` (nothing was changed, the desktop goes on), `desktop-not-started` (the work is done), or what the work throws.
 */
export async function withConsoleEnded<T>(
  { root, ends, force, told }: EndOptions,
  work: () => Promise<T>,
): Promise<T> {
  const playing = await consoleCartridge(root)
  if (playing === null || !ends(playing)) return work()
  told.say('The desktop is running; it is shut down in order first.')
  await endConsole(root, { force, onProgress: told.say })
  let result: T
  try {
    told.signal.throwIfAborted()
    result = await work()
  } catch (error) {
    told.say('Nothing was changed. The desktop is started again.')
    await startAgain(root).catch((problem) => log.error(sentenceOf(problem)))
    throw error
  }
  told.say('The desktop is started again.')
  await startAgain(root)
  return result
}

async function startAgain(root: string): Promise<void> {
  try {
    await localApi(root).startDesktop()
  } catch (error) {
    throw new DeskvisorError(
      'desktop-not-started',
      `The work is done, but the desktop could not be started again: ${sentenceOf(error).replace(/\.$/, '')}.`,
      { hint: 'Restart the computer.', cause: error },
    )
  }
}
