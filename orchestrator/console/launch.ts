import { setTimeout as sleep } from 'node:timers/promises'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { monotonicMs } from '../host/monotonic.ts'
import { run } from '../host/process.ts'
import { notify, systemctl } from '../host/systemd.ts'
import { startUnit } from './start-unit.ts'
import { consoleUnit, type UnitOptions, unitProperties } from './unit.ts'

/**
 * Pinning all memory of a large machine and setting up its devices takes tens of seconds, and on a slow or busy machine
 * minutes. So a start is given up only when it has used no processor time at all for so long.
 */
const standstillSeconds = 90

/**
 * Starts QEMU in its own unit and waits until it answers on its control socket: then every device was taken over and
 * the guest's firmware runs. Throws `start-failed` with QEMU's own last words; nothing is left running then.
 */
export async function launch(options: UnitOptions & { qmp: string; systemd: string }): Promise<void> {
  const since = Math.floor(Date.now() / 1000)
  const problem = await startUnit(options.systemd, consoleUnit, unitProperties(options))
  try {
    if (problem !== null) throw new Error(problem)
    await untilAnswering(options.qmp, since)
  } catch (error) {
    await systemctl('kill', '--signal=KILL', consoleUnit)
    await systemctl('stop', consoleUnit)
    throw new DeskvisorError('start-failed', `The desktop could not be started: ${sentenceOf(error)}`, {
      cause: error,
    })
  }
}

async function untilAnswering(path: string, since: number): Promise<void> {
  // Loaded while QEMU starts.
  const { connectQmp } = await import('./qmp.ts')
  let usedSoFar = ''
  let deadline = monotonicMs() + standstillSeconds * 1000
  let nextLook = monotonicMs() + 300
  let problem = ''
  while (monotonicMs() < deadline) {
    // The caller's unit is watched by systemd, too.
    notify('WATCHDOG=1')
    try {
      const qmp = await connectQmp(path, { timeoutMs: 2000 })
      qmp.close()
      return
    } catch (error) {
      problem = sentenceOf(error)
    }
    if (monotonicMs() > nextLook) {
      const { ended, used } = await look()
      if (ended) throw new Error((await lastWords(since)) || 'QEMU ended at once.')
      if (used !== usedSoFar) deadline = monotonicMs() + standstillSeconds * 1000
      usedSoFar = used
      nextLook = monotonicMs() + 300
    }
    await sleep(20)
  }
  throw new Error(problem)
}

/** Whether QEMU has ended, which it has not while its job waits for its turn, and the processor time that it has used. */
async function look(): Promise<{ ended: boolean; used: string }> {
  const { stdout } = await systemctl('show', '--property=ActiveState,Job,CPUUsageNSec', consoleUnit)
  return {
    ended: /^ActiveState=(?:inactive|failed)$/m.test(stdout) && !/^Job=[1-9]/m.test(stdout),
    used: /^CPUUsageNSec=(\d+)$/m.exec(stdout)?.[1] ?? '',
  }
}

/** The last line that QEMU itself wrote to the journal since a moment (seconds since 1970). */
async function lastWords(since: number): Promise<string> {
  const filter = [`--unit=${consoleUnit}`, `--since=@${since}`, '--output=cat', '--lines=30', '--quiet']
  const { stdout } = await run('journalctl', filter, { timeoutMs: 5000 })
  const lines = stdout.split('\n').filter((line) => line.startsWith('qemu-system-x86_64:'))
  return (lines.at(-1) ?? '').trim().replace(/^qemu-system-x86_64: /, '')
}
