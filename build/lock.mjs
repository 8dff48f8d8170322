// One build at a time uses what builds share: the package cache and the tools tree.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Does the work while nobody else, in whichever clone, does any under the same lock file. The lock is held by flock(1), which
 * ends when its input does: however this process ends, the lock is free.
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true })
  if (spawnSync('flock', ['--nonblock', file, 'true']).status !== 0)
    console.log('- another build is running; this one goes on when it has ended …')
  const holder = spawn('flock', [file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'close')
  // What comes back says that cat runs, and so that the lock is held.
  holder.stdin.write('held\n')
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(([status]) => {
      throw new Error(`flock ${file} ended with status ${status}`)
    }),
  ])
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
