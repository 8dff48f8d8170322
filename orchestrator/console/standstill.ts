import type { Clock } from '../host/clock.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { connectQmp, type Qmp } from './qmp.ts'

/** QEMU writes back the disk's cache before it answers `stop`; a slow disk takes its time for that. */
const stopMs = 60_000
/** `cont` waits behind a `stop` that was given up. */
const contMs = 120_000
const pauseMs = 500
/** So long whoever stopped the guest tries; after that, and when it was killed, the watchdog does. */
const resumeForMs = 600_000

/**
 * Does `work` while QEMU has stopped the guest, and lets it go on whatever happens: a `stop` that was not answered in time
 * stops the guest all the same. `pauseMs` is null when QEMU cannot be reached; then the work is done beside the running guest.
 * Throws what `work` throws, and `qmp-silent` or `qmp-command` when the guest could not be stopped.
 */
export async function whileStopped<T>(
  { clock, paths: { qmpTools: socket } }: Machine,
  work: () => Promise<T>,
): Promise<{ value: T; pauseMs: number | null }> {
  const qmp = await connectQmp(socket, { timeoutMs: 3000 }).catch((error: unknown) => {
    log.warning(`The running operating system is not paused while a moment is kept: ${sentenceOf(error)}`)
    return null
  })
  if (qmp === null) return { value: await work(), pauseMs: null }
  const start = clock.monotonicMs()
  let value: T
  try {
    await qmp.execute('stop', undefined, stopMs)
    value = await work()
  } finally {
    await goOn(clock, qmp, socket)
  }
  return { value, pauseMs: Math.round(clock.monotonicMs() - start) }
}

/** Sends `cont` until QEMU took it, over a new connection where the old one fails. Never throws. */
async function goOn(clock: Clock, first: Qmp, socket: string): Promise<void> {
  let qmp: Qmp | null = first
  const deadline = clock.monotonicMs() + resumeForMs
  for (; clock.monotonicMs() < deadline; await clock.sleep(pauseMs)) {
    try {
      qmp ??= await connectQmp(socket)
      await qmp.execute('cont', undefined, contMs)
      qmp.close()
      return
    } catch (error) {
      qmp?.close()
      qmp = null
      // QEMU has ended: nobody stands still.
      if (error instanceof DeskvisorError && error.code === 'qmp-unreachable') return
      log.warning(`The running operating system does not go on yet: ${sentenceOf(error)}`)
    }
  }
  log.error('The running operating system does not go on: QEMU takes no command.')
}
