import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { connectGuestAgent, type GuestAgent } from './guest-agent.ts'
import { settleDown } from './settle.ts'
import { whileStopped } from './standstill.ts'
import { freezeStatus, markFrozen, thawForMs, thawGuest, unmarkFrozen } from './thaw.ts'

/** What was known about the guest's disk while something was done with it. */
export type Quiesced<T> = {
  value: T
  /** `frozen`: the guest had written everything back; `crash-consistent`: as after a power cut. */
  consistency: 'frozen' | 'crash-consistent'
  /** Milliseconds for which the guest stood still; null when QEMU could not be told to stop it. */
  pauseMs: number | null
  /** What the guest calls itself, for example `Bazzite 43, kernel 6.17.1`; null without an agent. */
  osLabel: string | null
}

/** An agent's first sign of life; one of a busy guest is late. */
const greetingMs = 5000
const freezeMs = 10_000

/**
 * A function that does `work` while the running console stands still: settle → freeze by the guest agent (a stopped guest
 * could not answer) → settle what the freeze wrote → QMP `stop` → work → `cont` → thaw, which is verified. A guest
 * without an agent, or with one that lies or hangs, is only stopped. The guest goes on whatever happens; what `work`
 * throws is thrown on. Without `settle`, QEMU's `stop` and a btrfs snapshot write back all that the guest wrote lately,
 * while it stands still.
 *
 * A guest may thaw by itself (Windows does after ten seconds, whatever is still to be done), so it counts as frozen only
 * when it said so last before `stop`, and there was something left to thaw afterwards.
 */
export function quiesceConsole(
  machine: Machine,
  options: { freeze: boolean; thawForMs?: number },
): QuiesceConsole {
  return (work, settle = async () => {}) => quiesced(machine, options, work, settle)
}

type QuiesceConsole = <T>(work: () => Promise<T>, settle?: () => Promise<void>) => Promise<Quiesced<T>>

async function quiesced<T>(
  machine: Machine,
  { freeze, thawForMs: thawFor = thawForMs }: { freeze: boolean; thawForMs?: number },
  work: () => Promise<T>,
  settle: () => Promise<void>,
): Promise<Quiesced<T>> {
  const { guestAgent } = machine.paths
  await settleDown(settle, machine.clock.monotonicMs)
  const guest = freeze ? await freezeGuest(machine) : { said: false, asked: false, osLabel: null }
  let thawed: number | null = 0
  let frozen = false
  let done: { value: T; pauseMs: number | null }
  try {
    // Also after an agent that was waited for in vain: the guest wrote on meanwhile.
    if (freeze) await settle()
    frozen = guest.said && (await isFrozen(guestAgent))
    done = await whileStopped(machine, work)
  } finally {
    if (guest.asked) thawed = await thawGuest(machine, { forMs: thawFor })
  }
  const consistency = frozen && thawed !== null && thawed > 0 ? 'frozen' : 'crash-consistent'
  return { ...done, consistency, osLabel: guest.osLabel }
}

type Freezing = {
  /** The guest said that it froze. */
  said: boolean
  /** It may be frozen, also when it did not say so in time, and is to be thawed. */
  asked: boolean
  osLabel: string | null
}

/** Never throws: a guest that cannot be frozen is still paused, and its snapshot is labelled as such. */
async function freezeGuest(machine: Machine): Promise<Freezing> {
  let agent: GuestAgent | undefined
  let asked = false
  let osLabel: string | null = null
  try {
    agent = await connectGuestAgent(machine.paths.guestAgent, greetingMs)
    osLabel = await agent.execute('guest-get-osinfo').then(labelOf, () => null)
    markFrozen(machine)
    asked = true
    await agent.execute('guest-fsfreeze-freeze', undefined, freezeMs)
    return { said: true, asked, osLabel }
  } catch (error) {
    log.info(`The moment is kept without freezing the guest: ${sentenceOf(error)}`)
    // An agent that may not freeze may not thaw either; but it may refuse because somebody else froze and was killed.
    if (error instanceof DeskvisorError && error.code === 'agent-refused') {
      agent?.close()
      asked = (await freezeStatus(machine.paths.guestAgent)) === 'frozen'
      if (!asked) unmarkFrozen(machine)
    }
    return { said: false, asked, osLabel }
  } finally {
    agent?.close()
  }
}

/** Asked as late as can be: a guest that is stopped gives no answer. */
async function isFrozen(socket: string): Promise<boolean> {
  const status = await freezeStatus(socket)
  if (status !== 'frozen')
    log.warning('The guest agent froze the file systems, and does not say that they still are.')
  return status === 'frozen'
}

/** guest-get-osinfo; a guest may say anything about itself. */
function labelOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null
  const text = (name: string) => {
    const value = (answer as Record<string, unknown>)[name]
    return typeof value === 'string' ? oneLine(value).slice(0, 60) : ''
  }
  const parts = [text('pretty-name'), text('kernel-release') && `kernel ${text('kernel-release')}`]
  return parts.filter(Boolean).join(', ') || null
}
