import { oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { paths } from '../host/paths.ts'
import { connectGuestAgent, type GuestAgent } from './guest-agent.ts'
import { connectQmp } from './qmp.ts'
import { settleDown } from './settle.ts'

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

const freezeMs = 10_000
const thawMs = 5000
const thawTries = 3

/**
 * A function that does `work` while the running console stands still: settle → freeze by the guest agent (a stopped guest
 * could not answer) → settle what the freeze wrote → QMP `stop` → work → `cont` → thaw, which is verified. A guest
 * without an agent, or with one that lies or hangs, is only stopped. The guest goes on whatever happens; what `work`
 * throws is thrown on. Without `settle`, QEMU's `stop` and a btrfs snapshot write back all that the guest wrote lately,
 * while it stands still.
 */
export function quiesceConsole(root: string, options: { freeze: boolean }): QuiesceConsole {
  return (work, settle = async () => {}) => quiesced(root, options, work, settle)
}

type QuiesceConsole = <T>(work: () => Promise<T>, settle?: () => Promise<void>) => Promise<Quiesced<T>>

async function quiesced<T>(
  root: string,
  { freeze }: { freeze: boolean },
  work: () => Promise<T>,
  settle: () => Promise<void>,
): Promise<Quiesced<T>> {
  const { guestAgent, qmpTools } = paths(root)
  await settleDown(settle)
  const guest = freeze ? await freezeGuest(guestAgent) : { frozen: false, thaw: false, osLabel: null }
  try {
    if (guest.thaw) await settle()
    const { value, pauseMs } = await whileStopped(qmpTools, work)
    const consistency = guest.frozen ? 'frozen' : 'crash-consistent'
    return { value, consistency, pauseMs, osLabel: guest.osLabel }
  } finally {
    if (guest.thaw) await thawGuest(guestAgent)
  }
}

async function whileStopped<T>(
  socket: string,
  work: () => Promise<T>,
): Promise<{ value: T; pauseMs: number | null }> {
  const qmp = await connectQmp(socket, { timeoutMs: 3000 }).catch((error: unknown) => {
    log.warning(`The running operating system is not paused while a moment is kept: ${sentenceOf(error)}`)
    return null
  })
  if (qmp === null) return { value: await work(), pauseMs: null }
  try {
    const start = performance.now()
    await qmp.execute('stop')
    try {
      const value = await work()
      await qmp.execute('cont', undefined, 20_000)
      return { value, pauseMs: Math.round(performance.now() - start) }
    } catch (error) {
      await qmp.execute('cont', undefined, 20_000).catch(() => {})
      throw error
    }
  } finally {
    qmp.close()
  }
}

type Frozen = {
  frozen: boolean
  /** The guest may be frozen, also when it did not say so in time. */
  thaw: boolean
  osLabel: string | null
}

/** Never throws: a guest that cannot be frozen is still paused, and its moment is labelled as such. */
async function freezeGuest(socket: string): Promise<Frozen> {
  let agent: GuestAgent | undefined
  let asked = false
  let osLabel: string | null = null
  try {
    agent = await connectGuestAgent(socket)
    osLabel = await agent.execute('guest-get-osinfo').then(labelOf, () => null)
    asked = true
    await agent.execute('guest-fsfreeze-freeze', undefined, freezeMs)
    const frozen = (await agent.execute('guest-fsfreeze-status')) === 'frozen'
    if (!frozen) log.warning('The guest agent said that it froze the file systems, but they are not frozen.')
    return { frozen, thaw: true, osLabel }
  } catch (error) {
    log.info(`The moment is kept without freezing the guest: ${sentenceOf(error)}`)
    return { frozen: false, thaw: asked, osLabel }
  } finally {
    agent?.close()
  }
}

async function thawGuest(socket: string): Promise<void> {
  let problem = ''
  for (let tries = 0; tries < thawTries; tries++) {
    try {
      const agent = await connectGuestAgent(socket, thawMs)
      try {
        await agent.execute('guest-fsfreeze-thaw', undefined, thawMs)
        if ((await agent.execute('guest-fsfreeze-status')) === 'thawed') return
        problem = 'it says that its file systems are still frozen'
      } finally {
        agent.close()
      }
    } catch (error) {
      problem = sentenceOf(error)
    }
  }
  log.error(`The guest agent did not confirm that the file systems work again: ${problem}`)
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
