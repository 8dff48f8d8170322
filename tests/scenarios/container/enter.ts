import { spawn } from 'node:child_process'
import { limit } from '../fair-time.ts'
import type { ShellResult } from '../pc/test-shell.ts'

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  TERM: 'dumb',
  LANG: 'C.UTF-8',
}

/** Runs a script among the processes of a container, as root; `leader` is its process number 1, seen from here. */
export async function enter(
  leader: number,
  script: string,
  { limitS, signal }: { limitS: number; signal?: AbortSignal | undefined },
): Promise<ShellResult> {
  const args = ['--target', String(leader), '--all', '--', '/bin/sh', '-c', script]
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => output.push(data))
  child.stderr.on('data', (data: Buffer) => errors.push(data))
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, killed) => resolve(killed ? 137 : (status ?? 1)))
  })
  const over = new AbortController()
  const giveUp = () => over.abort()
  signal?.addEventListener('abort', giveUp, { once: true })
  const tooLong = limit(limitS, `the end of: ${script.slice(0, 200)}`, over.signal)
  try {
    const status = await Promise.race([ended, tooLong])
    const bytes = Buffer.concat(output)
    return { status, bytes, stdout: bytes.toString(), stderr: Buffer.concat(errors).toString() }
  } finally {
    over.abort()
    signal?.removeEventListener('abort', giveUp)
    child.kill('SIGKILL')
    await tooLong.catch(() => undefined)
  }
}
