import { sentenceOf } from '../host/errors.ts'
import type { Playing } from '../host/last-played.ts'
import { log } from '../host/log.ts'
import type { JobContext } from './jobs.ts'
import type { Service } from './operation.ts'
import { oweDesktop } from './pending-desktop.ts'

export type Ended = {
  service: Pick<Service, 'machine' | 'queue' | 'desktop'>
  /** Whether what the console plays is in the way of the work. */
  ends: (playing: Playing) => boolean
  force: boolean
  context: JobContext
}

/** No name of a cartridge has a slash. */
const desktopKey = '/desktop'

/**
 * Does work that cannot be done beside what the console plays: the desktop is shut down in order before, and runs
 * again afterwards, whether the work succeeded or not. Whatever can be refused must be refused before this is called.
 * One piece of such work goes on at a time, whichever cartridge it changes. Throws DeskvisorError
 * `guest-does-not-end` (nothing was changed, the desktop goes on), `busy`, `desktop-not-started` (the work is done), or what
 * the work throws.
 */
export async function withConsoleEnded<T>(
  { service, ends, force, context }: Ended,
  work: () => Promise<T>,
): Promise<T> {
  const { desktop, queue } = service
  const done = await queue.run(
    desktopKey,
    async () => {
      await desktop.settle(context.signal)
      const playing = await desktop.playing()
      if (playing === null || !ends(playing)) return null
      context.say('The desktop is running; it is shut down in order first.')
      const isStarted = oweDesktop(service.machine)
      try {
        await desktop.end({ force, onProgress: context.say, signal: context.signal })
        return { result: await thenStarted(service, context, work) }
      } finally {
        isStarted()
      }
    },
    context.signal,
  )
  return done === null ? work() : done.result
}

async function thenStarted<T>(
  { desktop }: Ended['service'],
  context: JobContext,
  work: () => Promise<T>,
): Promise<T> {
  let result: T
  try {
    context.signal.throwIfAborted()
    result = await work()
  } catch (error) {
    context.say('Nothing was changed. The desktop is started again.')
    await desktop.start(context.signal).catch((problem) => log.error(sentenceOf(problem)))
    throw error
  }
  context.say('It is done. The desktop is started again.')
  await desktop.start(context.signal)
  return result
}
