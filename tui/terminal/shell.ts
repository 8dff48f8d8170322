import { spawn } from 'node:child_process'
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
 * Runs a login shell on this process's own terminal and resolves when it has ended.
 * `directory` is where it starts. Throws an error with one sentence when no shell could be started.
 */
export async function runShell(
  directory: string,
  env: Record<string, string | undefined> = process.env,
): Promise<void> {
  for (const shell of shellCandidates(env)) {
    if (await started(shell, directory)) return
  }
  throw new Error('No command line could be started: neither bash nor sh is there.')
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
