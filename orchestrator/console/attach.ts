import { monotonicSeconds } from '../host/clock.ts'
import type { Machine } from '../host/machine.ts'
import { pingGuestAgent } from './guest-agent.ts'
import { type GuestSignal, listenToGuest, type TellGuest } from './guest-signals.ts'
import { asWatchdogEvent, tellsStandstill } from './qemu-events.ts'
import { connectQmp, type Qmp } from './qmp.ts'
import type { WatchdogEvent } from './watchdog-types.ts'

/** A connection to the running console. */
export type Attachment = {
  qmp: Qmp
  /** Resolves when QEMU closed the connection, rejects when it broke the protocol. */
  closed: Promise<void>
}

const healthIntervalMs = 2000
/** QEMU answers nothing while its main thread waits for a slow disk. */
const answerMs = 20_000

/**
 * Attaches to QEMU and turns what it and the guest agent say into watchdog events. The guest agent is asked every two
 * seconds until the console is healthy; what the guest says of its own accord goes to `onSignal`. Throws the errors of
 * `connectQmp`.
 */
export async function attach(
  { paths: sockets, clock }: Machine,
  options: {
    isHealthy: () => boolean
    onEvent: (event: WatchdogEvent) => void
    onSignal: (signal: GuestSignal, tell: TellGuest) => void
    /** QEMU says that the guest stands still. */
    onStandstill: () => void
  },
): Promise<Attachment> {
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>()
  // Whoever attaches may look at `closed` only later.
  closed.catch(() => {})
  const qmp = await connectQmp(sockets.qmp, {
    timeoutMs: answerMs,
    onEvent: (event) => {
      const translated = asWatchdogEvent(event)
      if (translated !== null) options.onEvent(translated)
      if (tellsStandstill(event)) options.onStandstill()
    },
    onClose: (reason) => (reason === null ? resolve() : reject(reason)),
  })
  await qmp.execute('query-status', undefined, answerMs).catch((error) => {
    qmp.close()
    throw error
  })
  const timer = setInterval(async () => {
    if (options.isHealthy()) return clearInterval(timer)
    options.onEvent({ kind: 'tick', at: monotonicSeconds(clock) })
    if (await pingGuestAgent(sockets.guestAgent)) options.onEvent({ kind: 'agent-answered' })
  }, healthIntervalMs)
  const signals = listenToGuest(sockets.guestSignals, options.onSignal)
  const detach = () => {
    clearInterval(timer)
    signals.close()
  }
  closed.then(detach, detach)
  return { qmp, closed }
}
