import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { composePc } from '../pc/compose.ts'
import { ownWords } from '../pc/own-words.ts'
import { places } from '../pc/places.ts'
import { connectQmp, connectSocket, type Qmp } from '../pc/qmp.ts'
import { completeSpec, type PcSpec } from '../pc/spec.ts'

/** A virtual PC for a person: no test has a hand in it. */
export type StartedPc = AsyncDisposable & {
  qmp: Qmp
  /** What goes over ttyS0. */
  serial: Socket
  uefiVars: string
  /** Resolves with QEMU's exit status. */
  ended: Promise<number>
  /** What QEMU itself said, for a failure. */
  words(): Promise<string>
}

/** How QEMU is started for this PC. The folder is for what is gone with it. */
export async function composeStart(spec: PcSpec, folder: string) {
  const serial = join(folder, 'ttyS0')
  const composed = await composePc(completeSpec(spec), {
    folder,
    cache: places.cache,
    serial,
    log: join(folder, 'trace.log'),
  })
  return { ...composed, serial, folder }
}

/** Starts it, paused; `incoming`: where its memory comes from, in QEMU's words. It ends with this process, whatever ends that. */
export async function startQemu(
  { files, args, environment, serial, folder }: Awaited<ReturnType<typeof composeStart>>,
  incoming?: string,
  program = 'qemu-system-x86_64',
): Promise<StartedPc> {
  const log = join(folder, 'qemu.log')
  const output = openSync(log, 'w')
  const command = [program, ...args, ...(incoming === undefined ? [] : ['-incoming', incoming])]
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...environment },
  })
  const ended = once(qemu, 'close').then(([status]) => Number(status ?? 1))
  const words = () => readFile(log, 'utf8').catch(() => '')
  const stop = async () => {
    qemu.kill('SIGKILL')
    await ended
  }
  const gone = ended.then(async () => {
    throw new Error(`QEMU ended at once: ${(await words()).trim()}`)
  })
  try {
    const opening = Promise.all([connectQmp(files.qmp), connectSocket(serial), connectSocket(files.testPort)])
    const [qmp, line] = await Promise.race([opening, gone])
    line.on('error', () => undefined)
    return { qmp, serial: line, uefiVars: files.uefiVars, ended, words, [Symbol.asyncDispose]: stop }
  } catch (error) {
    // Its sockets close a moment before it is gone; why it went says more than that they closed.
    await stop()
    const why = ownWords(await words())
    throw why === '' ? error : new Error(`QEMU ended at once: ${why}`, { cause: error })
  } finally {
    gone.catch(() => undefined)
  }
}
