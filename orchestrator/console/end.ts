import { setTimeout as sleep } from 'node:timers/promises'
import { DeskvisorError } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { systemctl } from '../host/systemd.ts'
import { pressPowerButton } from './power-button.ts'
import { connectQmp } from './qmp.ts'
import { killUnit, readUnit } from './unit-state.ts'

/** Time that an operating system gets to shut down, in milliseconds; Windows with updates to finish takes minutes. */
const shutdownMs = 180_000
/** QEMU's time to write back the disk after it was told to quit. */
const quitMs = 20_000
const bootService = 'deskvisor-boot.service'

/**
 * Ends the running console in order: the watchdog is sent away first (it leaves a running console alone, so nobody powers
 * the machine off), then the guest's power button is pressed. A guest that is still there after three minutes is switched
 * off with `force`; without, its watchdog comes back and DeskvisorError `guest-does-not-end` is thrown. Whoever called
 * this starts the desktop again.
 */
export async function endConsole(
  root: string,
  options: { force: boolean; onProgress?: (text: string) => void },
): Promise<void> {
  const tell = options.onProgress ?? (() => {})
  await systemctl('stop', bootService)
  try {
    tell('The desktop is asked to shut down.')
    if (await shutsDown(paths(root).qmpTools)) return
    if (!options.force) {
      throw new DeskvisorError(
        'guest-does-not-end',
        'The operating system was asked to shut down, and still runs after three minutes.',
        {
          hint: 'Shut it down by hand, or allow that it is switched off: what it has not saved is lost then.',
        },
      )
    }
    tell('The desktop does not shut down; it is switched off.')
    await pullPlug(paths(root).qmpTools)
  } catch (error) {
    await systemctl('start', '--no-block', bootService)
    throw error
  }
}

async function shutsDown(socket: string): Promise<boolean> {
  if ((await readUnit()).ended) return true
  const qmp = await connectQmp(socket)
  try {
    await pressPowerButton(qmp)
    return await endsWithin(shutdownMs)
  } finally {
    qmp.close()
  }
}

async function pullPlug(socket: string): Promise<void> {
  try {
    const qmp = await connectQmp(socket)
    // QEMU may be gone before it has answered.
    await qmp.execute('quit').catch(() => {})
    qmp.close()
  } catch {
    // A QEMU that does not listen is killed below.
  }
  if (await endsWithin(quitMs)) return
  await killUnit()
  if (await endsWithin(quitMs)) return
  throw new DeskvisorError('console-does-not-end', 'The virtual machine cannot be ended.')
}

async function endsWithin(milliseconds: number): Promise<boolean> {
  for (const deadline = performance.now() + milliseconds; performance.now() < deadline; await sleep(200)) {
    if ((await readUnit()).ended) return true
  }
  return false
}
