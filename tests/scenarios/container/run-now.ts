import { spawnSync } from 'node:child_process'

/** Runs a program to its end and returns what it said; throws with its last words when it fails. */
export function runNow(program: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with status ${status}: ${stderr}`)
  return stdout
}

/** Holes stay holes, and blocks are shared where the file system can. */
export function copySparse(from: string, to: string): void {
  runNow('cp', ['--sparse=always', '--reflink=auto', from, to])
}

/** Lets go of a mount, whatever still uses it; for the end of this process, which nothing may hold up. */
export function letGo(folder: string): void {
  spawnSync('umount', ['--lazy', folder])
  spawnSync('rmdir', [folder])
}
