import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRawAsset, isSea } from 'node:sea'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { DeskvisorError, sentenceOf } from './errors.ts'

type Addon = {
  sdNotify(text: string): boolean
  toJournal(fields: Buffer): boolean
  setWindowSize(descriptor: number, rows: number, columns: number): void
  flushInput(descriptor: number): void
  tryLock(descriptor: number): boolean
  ioctl(descriptor: number, request: number, argument: Buffer): number
  connectUnix(path: string): number
  peerCredentials(descriptor: number): [pid: number, uid: number]
}

let loaded: Addon | undefined

/** Sends a state string of sd_notify(3); false without NOTIFY_SOCKET. */
export function sdNotify(text: string): boolean {
  return addon().sdNotify(text)
}

/** Sends one entry in journald's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). Throws the errno's sentence. */
export function toJournal(fields: Buffer): void {
  addon().toJournal(fields)
}

/** TIOCSWINSZ (ioctl_tty(2)): tells a serial line how large the terminal at its end is. Throws when it is no terminal. */
export function setWindowSize(descriptor: number, rows: number, columns: number): void {
  addon().setWindowSize(descriptor, rows, columns)
}

/** tcflush(3) with TCIFLUSH: forgets what was typed and not read yet. Throws when it is no terminal. */
export function flushInput(descriptor: number): void {
  addon().flushInput(descriptor)
}

/** flock(2), exclusive and without waiting; false when somebody else holds it. The kernel frees it when the holder ends. */
export function tryLock(descriptor: number): boolean {
  return addon().tryLock(descriptor)
}

/**
 * ioctl(2) whose argument is a pointer to `argument`, which the kernel reads and may write. Blocks until the kernel is done.
 * Throws the errno as Node's own calls do, for example ENOTTY where the filesystem does not know the request.
 */
export function ioctl(descriptor: number, request: number, argument: Buffer): number {
  const result = addon().ioctl(descriptor, request, argument)
  if (result >= 0) return result
  const code = getSystemErrorName(result)
  throw Object.assign(new Error(`${code}: ${getSystemErrorMessage(result)}, ioctl`), {
    code,
    errno: result,
    syscall: 'ioctl',
  })
}

/**
 * A connection to a unix socket, as a descriptor for readSync and writeSync, which fail with EAGAIN when the other side is
 * silent for 100 seconds. Throws the errno's sentence.
 */
export function connectUnix(path: string): number {
  return addon().connectUnix(path)
}

export type Peer = { pid: number; uid: number }

/** The process that connected to a unix socket, and its user: SO_PEERCRED of unix(7). Throws when it is no such socket. */
export function peerOf(descriptor: number): Peer {
  const [pid, uid] = addon().peerCredentials(descriptor)
  return { pid, uid }
}

function addon(): Addon {
  loaded ??= isSea() ? loadFromBinary() : loadFromTree()
  return loaded
}

/** A shared object cannot be loaded from inside the executable: it stands in a file for the moment of dlopen. */
function loadFromBinary(): Addon {
  const bytes = new Uint8Array(getRawAsset('deskvisor.node') as ArrayBuffer)
  let problem: unknown
  for (const parent of ['/run/deskvisor', tmpdir(), '/dev/shm', '/run']) {
    if (!existsSync(parent)) continue
    try {
      return loadFromCopy(parent, bytes)
    } catch (error) {
      // Not writable, or mounted noexec: the next place may do.
      problem = error
    }
  }
  const why = problem === undefined ? 'there is no folder for it' : sentenceOf(problem)
  // Not the errno itself: whoever asked for a lock would take it for what is wrong with the folder that is locked.
  throw new DeskvisorError('native-unusable', `A part of Deskvisor cannot be loaded: ${why}.`, {
    next: 'Make /run/deskvisor or /tmp writable, and mount one of them without noexec.',
    cause: problem,
  })
}

function loadFromCopy(parent: string, bytes: Uint8Array): Addon {
  const folder = mkdtempSync(join(parent, '.native-'))
  try {
    const file = join(folder, 'deskvisor.node')
    writeFileSync(file, bytes, { mode: 0o700 })
    const module = { exports: {} }
    process.dlopen(module, file)
    return module.exports as Addon
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function loadFromTree(): Addon {
  // Not an import: the executable comes from elsewhere, and need not load this.
  return process.getBuiltinModule('node:module').createRequire(import.meta.url)(
    '../../dist/native/deskvisor.node',
  ) as Addon
}
