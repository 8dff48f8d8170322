import { execFile, spawn } from 'node:child_process'
import { basename } from 'node:path'

/** What may be a person's login shell; this menu itself is one too (`ssh recovery@machine`) and must not start itself. */
const SHELLS = ['bash', 'sh', 'dash', 'zsh', 'fish', 'ksh', 'ash', 'mksh']

/** Shells to try, best first. */
export function shellCandidates(env: Record<string, string | undefined>): string[] {
  const own = env.SHELL ?? ''
  const usable = own.startsWith('/') && SHELLS.includes(basename(own)) ? [own] : []
  return [...new Set(['/bin/bash', ...usable, '/bin/sh'])]
}

/**
 * Gives the terminal to a login shell and resolves when it has ended. `directory` is where it starts, `say` tells people how to
 * come back. A menu that may do little itself names the service that has its shell in DESKVISOR_SHELL
 * (systemd/system/deskvisor-tui@.service): systemd ends this process then, and starts the menu again after the shell.
 * Throws an error with one sentence when no shell could be started.
 */
export async function runShell(
  directory: string,
  say: (text: string) => void,
  env: Record<string, string | undefined> = process.env,
): Promise<void> {
  if (env.DESKVISOR_SHELL) return changeToService(env.DESKVISOR_SHELL)
  say('Command line. To come back to the menu, type: exit')
  for (const shell of shellCandidates(env)) {
    if (await started(shell, directory)) return
  }
  throw new Error('No command line could be started: neither bash nor sh is there.')
}

function changeToService(service: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  execFile('systemctl', ['start', service], (error, _, stderr) => {
    const words = stderr.trim().split('\n').at(-1) || error?.message
    if (error) reject(new Error(`The command line could not be opened: ${words}`))
    else resolve()
  })
  return promise
}

function started(shell: string, cwd: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const child = spawn(shell, ['-l'], { stdio: 'inherit', cwd })
  const hangUp = () => child.kill('SIGHUP')
  process.once('exit', hangUp)
  const done = (ran: boolean) => {
    process.off('exit', hangUp)
    resolve(ran)
  }
  child.once('error', () => done(false))
  child.once('exit', () => done(true))
  return promise
}
