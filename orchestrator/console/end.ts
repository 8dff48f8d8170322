import { monotonicSeconds } from '../host/clock.ts'
import { bootUnit, desktopState } from '../host/desktop-state.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { killUnit } from './kill-unit.ts'
import { pressPowerButton } from './power-button.ts'
import { connectQmp } from './qmp.ts'
import { readRecord, writeRecord } from './record.ts'
import { askToEnd, defaultTimeouts, type ShutdownTimeouts } from './shutdown-request.ts'

export type EndOptions = {
  /** Switches a guest off that does not shut down in its time (shutdown-request.ts). */
  force: boolean
  onProgress?: (text: string) => void
  /** Ends the waiting. The guest was asked then, and may still shut down. */
  signal?: AbortSignal
  timeouts?: ShutdownTimeouts
}

/**
 * Ends the running console in order: the watchdog is sent away first (it leaves a running console alone, so nobody powers
 * the machine off), then the guest's power button is pressed. Whoever called this starts the desktop again.
 * When the console did not end, its watchdog is back and knows that the guest was asked: one that shuts down late is
 * started again, and the machine stays on. Throws DeskvisorError `guest-does-not-end` (never with `force`),
 * `console-does-not-end`, those of `connectQmp`; the signal's reason.
 */
export async function endConsole(machine: Machine, options: EndOptions): Promise<void> {
  const { force, onProgress: tell = () => {}, signal, timeouts = defaultTimeouts } = options
  signal?.throwIfAborted()
  await machine.systemctl('stop', bootUnit)
  try {
    const seconds = noteAsked(machine, force, timeouts)
    tell('The desktop is asked to shut down.')
    if (await shutsDown(machine, seconds, options)) return
    if (!force) throw doesNotEnd()
    signal?.throwIfAborted()
    tell('The desktop does not shut down; it is switched off.')
    await pullPlug(machine, timeouts)
  } catch (error) {
    await machine.systemctl('start', '--no-block', bootUnit)
    throw error
  }
}

/** Tells the next watchdog what it may see the consequence of, and returns the seconds that the guest gets. */
function noteAsked(machine: Machine, force: boolean, timeouts: ShutdownTimeouts): number {
  const record = readRecord(machine)
  const { since, seconds } = askToEnd(
    { before: record.asked, now: monotonicSeconds(machine.clock), force },
    timeouts,
  )
  try {
    writeRecord(machine, { ...record, asked: since })
  } catch (error) {
    log.warning(`The watchdog's record cannot be written: ${sentenceOf(error)}`)
  }
  return seconds
}

async function shutsDown(machine: Machine, seconds: number, options: EndOptions): Promise<boolean> {
  if ((await desktopState(machine)).hasEnded) return true
  try {
    const qmp = await connectQmp(machine.paths.qmpTools)
    try {
      await pressPowerButton(qmp)
      return await endsWithin(machine, seconds, options.signal)
    } finally {
      qmp.close()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if ((await desktopState(machine)).hasEnded) return true
    // A QEMU that cannot be asked can still be switched off.
    if (!options.force) throw error
    return false
  }
}

async function pullPlug(machine: Machine, { quit }: ShutdownTimeouts): Promise<void> {
  try {
    const qmp = await connectQmp(machine.paths.qmpTools)
    // QEMU may be gone before it has answered.
    await qmp.execute('quit').catch(() => {})
    qmp.close()
  } catch {
    // A QEMU that does not listen is killed below.
  }
  if (await endsWithin(machine, quit)) return
  await killUnit(machine)
  if (await endsWithin(machine, quit)) return
  throw new DeskvisorError('console-does-not-end', 'The virtual machine cannot be ended.', {
    next: { do: 'restart' },
  })
}

async function endsWithin(machine: Machine, seconds: number, signal?: AbortSignal): Promise<boolean> {
  const { clock } = machine
  const deadline = clock.monotonicMs() + seconds * 1000
  for (; clock.monotonicMs() < deadline; await clock.sleep(200, signal)) {
    if ((await desktopState(machine)).hasEnded) return true
  }
  return false
}

function doesNotEnd(): DeskvisorError {
  return new DeskvisorError(
    'guest-does-not-end',
    'The operating system was asked to shut down, and still runs after three minutes. Nothing was changed.',
    {
      next: { do: 'force' },
    },
  )
}
