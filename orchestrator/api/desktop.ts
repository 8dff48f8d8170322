import { setTimeout as sleep } from 'node:timers/promises'
import { asReason } from '../boot/index.ts'
import { consoleCartridge, type EndOptions, endConsole } from '../console/index.ts'
import { readJson } from '../host/atomic.ts'
import { bootUnit, type DesktopPhase, desktopPhase } from '../host/desktop-units.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Playing } from '../host/last-played.ts'
import { asObject } from '../host/objects.ts'
import { paths } from '../host/paths.ts'
import { systemctl } from '../host/systemd.ts'
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

/** What the desktop is asked and told through. */
export type Edges = {
  phase: () => Promise<DesktopPhase>
  startDesktop: () => Promise<void>
  startWatchdog: () => Promise<unknown>
  /** Milliseconds that the desktop gets to start; pinning the memory of a large machine takes its time. */
  patienceMs: number
}

/** The desktop of the machine below `root`. Only `/` has one. */
export function desktopOf(root: string, edges: Partial<Edges> = {}): Desktop {
  const machine: Edges = {
    phase: async () => (root === '/' ? desktopPhase() : 'off'),
    startDesktop: () => localApi(root).startDesktop(),
    startWatchdog: () => systemctl('start', '--no-block', bootUnit),
    patienceMs: 180_000,
    ...edges,
  }
  return {
    async settle(signal) {
      if ((await settled(machine, signal)) !== 'changing') return
      signal?.throwIfAborted()
      throw new DeskvisorError('busy', 'The desktop is being started or shut down just now.', {
        next: 'Wait until it has, then try again.',
      })
    },
    playing: () => consoleCartridge(root),
    end: (options) => endConsole(root, options),
    start: (signal) => start(root, machine, signal),
  }
}

async function start(root: string, machine: Edges, signal: AbortSignal | undefined): Promise<void> {
  try {
    const before = await settled(machine)
    await (before === 'running' ? machine.startWatchdog() : machine.startDesktop())
  } catch (error) {
    throw notStarted(sentenceOf(error), error)
  }
  const phase = await settled(machine, signal)
  if (phase === 'running' || signal?.aborted) return
  const minutes = Math.round(machine.patienceMs / 60_000)
  throw notStarted(phase === 'off' ? reasonOf(root) : `It does not run after ${minutes} minutes.`)
}

/** The phase once it is not `changing` any more, or whatever it is at an abort or when patience ends. */
async function settled({ phase, patienceMs }: Edges, signal?: AbortSignal): Promise<DesktopPhase> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const now = await phase()
    if (now !== 'changing' || signal?.aborted || performance.now() > deadline) return now
    await sleep(200, undefined, { signal }).catch(() => {})
  }
}

/** Why the boot service went to recovery instead. */
function reasonOf(root: string): string {
  const { intent, reason } = asObject(readJson(paths(root).intent))
  const known = intent === 'recovery' ? asReason(reason) : null
  return known?.text ?? 'It ended at once.'
}

function notStarted(reason: string, cause?: unknown): DeskvisorError {
  const message = `The desktop could not be started again: ${reason.replace(/\.$/, '')}.`
  return new DeskvisorError('desktop-not-started', message, { next: { do: 'restart' }, cause })
}
