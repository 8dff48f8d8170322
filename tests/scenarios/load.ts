import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'

/** So many processes that never rest, until this one ends: a machine that has other things to do. */
export function burden(count: number): void {
  const busy: ChildProcess[] = Array.from({ length: count }, () =>
    spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  process.once('exit', () => {
    for (const child of busy) child.kill('SIGKILL')
  })
}
