import { log } from './log.ts'
import { type Finished, run } from './process.ts'

/** Runs systemctl with these arguments; never rejects (status 127 where there is no systemd). */
export type Systemctl = (...args: string[]) => Promise<Finished>

/** Asks the systemd of the running machine. */
export const systemctl: Systemctl = (...args) => run('systemctl', args, { timeoutMs: 90_000 })

/** Of a file tree no unit runs, and nobody is there to do what it is told; what would end the machine is a line in the log. */
export function systemctlOf(root: string): Systemctl {
  return async (verb, ...args) => {
    if (verb === 'reboot' || verb === 'poweroff')
      log.info(`A machine with ${root} as its root would ${verb} now.`)
    const units = verb === 'show' ? args.filter((arg) => !arg.startsWith('--')) : []
    const stdout = units.map((unit) => `Id=${unit}\nActiveState=inactive\n`).join('\n')
    return { status: 0, stdout, stderr: '' }
  }
}
