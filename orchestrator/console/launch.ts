import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { run } from '../host/process.ts'
import { killUnit } from './kill-unit.ts'
import { startUnit } from './start-unit.ts'
import { consoleUnit, type UnitOptions, unitProperties } from './unit.ts'
import { untilReady } from './until-ready.ts'

/**
 * Starts QEMU in its own unit and waits until it answers on its control socket: then every device was taken over and
 * the guest's firmware runs. Throws `start-failed` with QEMU's own last words; nothing is left running then.
 */
export async function launch(machine: Machine, options: UnitOptions): Promise<void> {
  const since = Math.floor(machine.clock.now() / 1000)
  const problem = await startUnit(machine, consoleUnit, unitProperties(options))
  try {
    if (problem !== null) throw new Error(problem)
    await untilAnswering(machine, since)
  } catch (error) {
    await killUnit(machine)
    await machine.systemctl('stop', consoleUnit)
    throw new DeskvisorError('start-failed', `The desktop could not be started: ${sentenceOf(error)}`, {
      cause: error,
    })
  }
}

async function untilAnswering(machine: Machine, since: number): Promise<void> {
  // Loaded while QEMU starts.
  const { connectQmp } = await import('./qmp.ts')
  let problem = ''
  const answers = async () => {
    try {
      const qmp = await connectQmp(machine.paths.qmp, { timeoutMs: 2000 })
      qmp.close()
      return true
    } catch (error) {
      problem = sentenceOf(error)
      return false
    }
  }
  const end = await untilReady(machine, consoleUnit, answers)
  if (end === 'ended') throw new Error((await lastWords(since)) || 'QEMU ended at once.')
  if (end === 'standstill') throw new Error(problem)
}

/** The last line that QEMU itself wrote to the journal since a point in time (seconds since 1970). */
async function lastWords(since: number): Promise<string> {
  const filter = [`--unit=${consoleUnit}`, `--since=@${since}`, '--output=cat', '--lines=30', '--quiet']
  const { stdout } = await run('journalctl', filter, { timeoutMs: 5000 })
  const lines = stdout.split('\n').filter((line) => line.startsWith('qemu-system-x86_64:'))
  return (lines.at(-1) ?? '').trim().replace(/^qemu-system-x86_64: /, '')
}
