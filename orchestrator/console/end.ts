import { setTimeout as sleep } from 'node:timers/promises'
import { bootUnit } from '../host/desktop-units.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { monotonicSeconds } from '../host/monotonic.ts'
import { type Paths, paths } from '../host/paths.ts'
import { systemctl } from '../host/systemd.ts'
import { askToEnd, type Patience, usualPatience } from './asked.ts'
import { pressPowerButton } from './power-button.ts'
import { connectQmp } from './qmp.ts'
import { readRecord, writeRecord } from './record.ts'
import { killUnit, readUnit } from './unit-state.ts'

export type EndOptions = {
  /** Switches a guest off that does not shut down in its time (asked.ts). */
  force: boolean
  onProgress?: (text: string) => void
  /** Ends the waiting. The guest was asked then, and may still shut down. */
  signal?: AbortSignal
  patience?: Patience
}

/**
 * Ends the running console in order: the watchdog is sent away first (it leaves a running console alone, so nobody powers
 * the machine off), then the guest's power button is pressed. Whoever called this starts the desktop again.
 * When the console did not end, its watchdog is back and knows that the guest was asked: one that shuts down late is
 * started again, and the machine stays on. Throws DeskvisorError `guest-does-not-end` (never with `force`),
 * `console-does-not-end`, those of `connectQmp`; the signal's reason.
 */
export async function endConsole(root: string, options: EndOptions): Promise<void> {
  const { force, onProgress: tell = () => {}, signal, patience = usualPatience } = options
  signal?.throwIfAborted()
  await systemctl('stop', bootUnit)
  try {
    const seconds = noteAsked(root, force, patience)
    tell('The desktop is asked to shut down.')
    if (await shutsDown(paths(root), seconds, options)) return
    if (!force) throw doesNotEnd()
    signal?.throwIfAborted()
    tell('The desktop does not shut down; it is switched off.')
    await pullPlug(paths(root), patience)
  } catch (error) {
    await systemctl('start', '--no-block', bootUnit)
    throw error
  }
}

/** Tells the next watchdog what it may see the consequence of, and returns the seconds that the guest gets. */
function noteAsked(root: string, force: boolean, patience: Patience): number {
  const record = readRecord(root)
  const { since, seconds } = askToEnd({ before: record.asked, now: monotonicSeconds(), force }, patience)
  try {
    writeRecord(root, { ...record, asked: since })
  } catch (error) {
    log.warning(`The watchdog's record cannot be written: ${sentenceOf(error)}`)
  }
  return seconds
}

async function shutsDown({ qmpTools }: Paths, seconds: number, options: EndOptions): Promise<boolean> {
  if ((await readUnit()).ended) return true
  try {
    const qmp = await connectQmp(qmpTools)
    try {
      await pressPowerButton(qmp)
      return await endsWithin(seconds, options.signal)
    } finally {
      qmp.close()
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    if ((await readUnit()).ended) return true
    // A QEMU that cannot be asked can still be switched off.
    if (!options.force) throw error
    return false
  }
}

async function pullPlug({ qmpTools }: Paths, { quit }: Patience): Promise<void> {
  try {
    const qmp = await connectQmp(qmpTools)
    // QEMU may be gone before it has answered.
    await qmp.execute('quit').catch(() => {})
    qmp.close()
  } catch {
    // A QEMU that does not listen is killed below.
  }
  if (await endsWithin(quit)) return
  await killUnit()
  if (await endsWithin(quit)) return
  throw new DeskvisorError('console-does-not-end', 'The virtual machine cannot be ended.', {
    next: { do: 'restart' },
  })
}

async function endsWithin(seconds: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  for (; performance.now() < deadline; await sleep(200, undefined, { signal })) {
    if ((await readUnit()).ended) return true
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
