import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../host/atomic.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { connectTo } from './connect-to.ts'
import { connectGuestAgent } from './guest-agent.ts'

/** What one answer of the guest agent may take: a freeze that hangs holds up all that comes after it. */
const patientMs = 15_000
const statusMs = 6000
const pauseMs = 1000
/** So long whoever froze the guest asks; after that, and when it was killed, the watchdog does. */
export const thawForMs = 120_000

/** Is there while the guest was asked to freeze, and nobody has seen it thawed since; it goes with the console. */
function mark(machine: Machine): string {
  return join(machine.paths.consoleRun, 'frozen')
}

export function markFrozen(machine: Machine): void {
  writeFileAtomic(mark(machine), '')
}

export function isMarkedFrozen(machine: Machine): boolean {
  return existsSync(mark(machine))
}

export function unmarkFrozen(machine: Machine): void {
  rmSync(mark(machine), { force: true })
}

/** `frozen` or `thawed` (qemu-ga reference, GuestFsfreezeStatus); null when the guest does not say. Never throws. */
export async function freezeStatus(socket: string): Promise<unknown> {
  try {
    const agent = await connectGuestAgent(socket, statusMs)
    try {
      return await agent.execute('guest-fsfreeze-status', undefined, statusMs)
    } finally {
      agent.close()
    }
  } catch {
    return null
  }
}

/**
 * Asks the guest to thaw, again and again, until it says that it is thawed; a freeze that was given up may end later than
 * the first thaw. Resolves with how many file systems the agent says that it thawed: none, when the guest had done that
 * itself. Null when nobody knows. Never throws.
 */
export async function thawGuest(
  machine: Machine,
  { forMs, answerMs = patientMs }: { forMs: number; answerMs?: number },
): Promise<number | null> {
  const { guestAgent } = machine.paths
  const { clock } = machine
  let thawed = 0
  let problem = ''
  for (const deadline = clock.monotonicMs() + forMs; ; await clock.sleep(pauseMs)) {
    try {
      const agent = await connectGuestAgent(guestAgent, answerMs)
      try {
        const count = await agent.execute('guest-fsfreeze-thaw', undefined, answerMs)
        thawed += typeof count === 'number' ? count : 0
        if ((await agent.execute('guest-fsfreeze-status', undefined, answerMs)) === 'thawed') {
          unmarkFrozen(machine)
          return thawed
        }
        problem = 'It says that its file systems are still frozen.'
      } finally {
        agent.close()
      }
    } catch (error) {
      problem = sentenceOf(error)
    }
    // Without a QEMU that listens, there is no guest that could be frozen.
    if (!(await isListening(guestAgent))) return null
    if (clock.monotonicMs() >= deadline) break
  }
  log.error(`The guest agent did not confirm that the file systems work again: ${problem}`)
  return null
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connectTo(socket)
    connection.on('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.on('error', () => resolve(false))
  })
}
