import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

const running = new Set<ChildProcess>()

// Nothing that a test started outlives the test run; whoever is killed leaves that to the kernel (PR_SET_PDEATHSIG(2const)).
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a helper whose output goes to `log`; it is killed when this process ends, however that happens. */
export function start(
  command: string,
  args: string[],
  log: string,
  environment: Record<string, string> = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const env = { ...process.env, ...environment }
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
    env,
  })
  const output = createWriteStream(log, { flags: 'a' })
  output.on('error', () => undefined)
  child.stdout?.pipe(output, { end: false })
  child.stderr?.pipe(output, { end: false })
  running.add(child)
  child.once('exit', (status, signal) => {
    running.delete(child)
    output.end(`${command} ended: ${signal ?? status}\n`)
  })
  child.once('error', (error) => {
    running.delete(child)
    output.end(`${error.message}\n`)
  })
  return child
}
