// Where half-made things are, so that nothing is left of them whatever kills their maker.
import { spawnSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { asRoot } from './namespace.mjs'

/** An own folder below `parent`/unfinished, gone with this process. Those whose makers are gone are removed first. */
export function unfinishedFolder(parent) {
  const all = join(parent, 'unfinished')
  mkdirSync(all, { recursive: true })
  const made = readdirSync(all).filter((name) => /^\d+-\d+$/.test(name))
  for (const name of made) if (!isAlive(name)) remove(join(all, name))
  const own = join(all, `${process.pid}-${startOf(process.pid)}`)
  mkdirSync(own, { recursive: true })
  process.once('exit', () => remove(own))
  return own
}

/** A folder of this user's that nobody else can have prepared: others may make files where this one is made. Throws otherwise. */
export function privateFolder(path) {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const status = lstatSync(path)
  if (!status.isDirectory() || status.uid !== process.getuid())
    throw new Error(`${path} is not a folder of this user. Remove it, and try again.`)
  chmodSync(path, 0o700)
  return path
}

/** A number is given to a new process some day, so the time of its start goes with it. */
function isAlive(name) {
  const [pid, start] = name.split('-')
  return start !== undefined && startOf(pid) === start
}

/** Field 22 of /proc/PID/stat (proc(5)); the name before may hold spaces and brackets. */
function startOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[19]
  } catch {
    return undefined
  }
}

/** What was made in a user namespace may belong to ids that only its root user can remove. */
export function remove(path) {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    const [rm, ...args] = asRoot(['rm', '--recursive', '--force', '--', path])
    spawnSync(rm, args)
  }
}
