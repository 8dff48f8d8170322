import { rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { writeFileAtomic } from '../host/atomic.ts'
import { bootUnit } from '../host/desktop-state.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { runOrThrow } from '../host/process.ts'
import type { RecoveryApi } from './contract.ts'
import { readStatus } from './status.ts'

/** More lines than anybody scrolls through, and a bound for what a caller may ask. */
const maxLogLines = 5000

/** The contract carried out by this process itself. */
export function localApi(machine: Machine): RecoveryApi {
  return {
    status: () => readStatus(machine),
    async startDesktop() {
      refuseElsewhere(machine)
      const flag = machine.paths.startDesktop
      writeFileAtomic(flag, '')
      try {
        await systemctlOrThrow('restart', '--no-block', bootUnit)
      } catch (error) {
        // Nobody obeyed it, so it must not speak for a later start.
        rmSync(flag, { force: true })
        throw error
      }
    },
    async logs(lines) {
      refuseElsewhere(machine)
      const count = String(Math.min(maxLogLines, Math.max(1, Math.floor(lines) || 1)))
      const text = await runOrThrow('journalctl', ['-b', '-o', 'short', '--no-pager', '-n', count], {
        timeoutMs: 30_000,
      })
      return text.split('\n').map(withoutControls).filter(Boolean)
    },
    async restart() {
      refuseElsewhere(machine)
      await systemctlOrThrow('reboot')
    },
    async powerOff() {
      refuseElsewhere(machine)
      await systemctlOrThrow('poweroff')
    },
  }
}

/** systemd answers at once, or somebody in front of the menu should hear that it does not. */
async function systemctlOrThrow(...args: string[]): Promise<void> {
  await runOrThrow('systemctl', args, { timeoutMs: 30_000 })
}

/** A tree below --root is only looked at: it has no machine to restart. */
function refuseElsewhere(machine: Machine): void {
  if (machine.live) return
  throw new DeskvisorError('not-this-machine', `${machine.root} is a folder and not the running machine.`)
}

/** Whatever a program wrote into the journal must not steer the terminal that shows it. */
function withoutControls(line: string): string {
  return stripVTControlCharacters(line).replaceAll('\t', ' ').replace(/\p{C}/gu, '')
}
