import { asReason } from '../boot/index.ts'
import { type EndOptions, endConsole } from '../console/index.ts'
import { readJson } from '../host/atomic.ts'
import { bootUnit, type DesktopPhase, desktopState } from '../host/desktop-state.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Playing } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { localApi } from './local.ts'

/** The running desktop, for work that needs it to be off. */
export type Desktop = {
  /**
   * Waits until it is neither being started nor shut down: in between nobody knows what it is about to play.
   * Throws DeskvisorError `busy` after three minutes, and the signal's reason.
   */
  settle(signal?: AbortSignal): Promise<void>
  /** What it plays; null while it is off. */
  playing(): Promise<Playing | null>
  /** See console/end.ts. */
  end(options: EndOptions): Promise<void>
  /**
   * Starts it, and resolves when it runs; an abort ends only the waiting. One that runs keeps running, and has its
   * watchdog afterwards. Throws DeskvisorError `desktop-not-started`.
   */
  start(signal?: AbortSignal): Promise<void>
}

/** What the desktop gets to start; pinning the memory of a large machine takes its time. */
const timeoutMs = 180_000

/** The desktop of a machine; a file tree has none. `startDesktop`: another way to start it, for tests. */
export function desktopOf(machine: Machine, startDesktop = () => localApi(machine).startDesktop()): Desktop {
  return {
    async settle(signal) {
      if ((await settled(machine, signal)) !== 'changing') return
      signal?.throwIfAborted()
      throw new DeskvisorError('busy', 'The desktop is being started or shut down just now.', {
        next: 'Wait until it has, then try again.',
      })
    },
    playing: async () => (await desktopState(machine)).playing,
    end: (options) => endConsole(machine, options),
    start: (signal) => start(machine, startDesktop, signal),
  }
}

async function start(
  machine: Machine,
  startDesktop: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    const before = await settled(machine)
    await (before === 'running' ? machine.systemctl('start', '--no-block', bootUnit) : startDesktop())
  } catch (error) {
    throw notStarted(sentenceOf(error), error)
  }
  const phase = await settled(machine, signal)
  if (phase === 'running' || signal?.aborted) return
  const minutes = Math.round(timeoutMs / 60_000)
  throw notStarted(phase === 'off' ? reasonOf(machine) : `It does not run after ${minutes} minutes.`)
}

/** The phase once it is not `changing` any more, or whatever it is at an abort or when patience ends. */
async function settled(machine: Machine, signal?: AbortSignal): Promise<DesktopPhase> {
  const { clock } = machine
  const deadline = clock.monotonicMs() + timeoutMs
  for (;;) {
    const { phase } = await desktopState(machine)
    if (phase !== 'changing' || signal?.aborted || clock.monotonicMs() > deadline) return phase
    await clock.sleep(200, signal).catch(() => {})
  }
}

/** Why the boot service went to recovery instead. */
function reasonOf(machine: Machine): string {
  const { intent, reason } = asObject(readJson(machine.paths.intent))
  const known = intent === 'recovery' ? asReason(reason) : null
  return known?.text ?? 'It ended at once.'
}

function notStarted(reason: string, cause?: unknown): DeskvisorError {
  const message = `The desktop could not be started again: ${reason.replace(/\.$/, '')}.`
  return new DeskvisorError('desktop-not-started', message, { next: { do: 'restart' }, cause })
}
