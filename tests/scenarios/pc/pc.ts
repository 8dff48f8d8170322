import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { composePc } from './compose.ts'
import { kernelFont } from './font.ts'
import { untilResumed } from './memory.ts'
import { start } from './process.ts'
import { connectQmp, connectSocket } from './qmp.ts'
import { Pc, type PcOptions } from './running-pc.ts'
import { SerialTerminal } from './serial.ts'
import { completeSpec, type PcSpec } from './spec.ts'
import { TestShell, testShellCredentials } from './test-shell.ts'

export { Pc, type PcOptions } from './running-pc.ts'

/** What a PC goes on from, in place of its power button: the command that brings the memory back, as in `exec:…`. */
export type Resumed = { incoming: string }

/** Switches a virtual PC on. `await using pc = await startPc(…)` switches it off again whatever happens. */
export async function startPc(spec: PcSpec, options: PcOptions, resumed?: Resumed): Promise<Pc> {
  const complete = completeSpec({ ...spec, credentials: { ...testShellCredentials, ...spec.credentials } })
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-pc-'))
  // Also when the player is told to end.
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  await mkdir(options.results, { recursive: true })
  const font = await kernelFont(options.cache)
  const { files, args, environment } = await composePc(complete, {
    folder,
    cache: options.cache,
    serial: join(folder, 'ttyS0'),
    log: join(options.results, 'qemu-trace.log'),
    resumed: resumed !== undefined,
  })
  const tpmArguments = [
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${folder}`,
    '--ctrl',
    `type=unixio,path=${files.tpm}`,
  ]
  const tpm = complete.tpm ? start('swtpm', tpmArguments, join(options.results, 'swtpm.log')) : undefined
  if (tpm) (await connectSocket(files.tpm)).destroy()
  const incoming = resumed ? ['-incoming', resumed.incoming] : []
  const log = join(options.results, 'qemu.log')
  const qemu = start('qemu-system-x86_64', [...args, ...incoming], log, environment)
  const stop = async () => {
    if (qemu.exitCode === null && qemu.signalCode === null) {
      const ended = once(qemu, 'exit')
      qemu.kill('SIGKILL')
      await ended
    }
    tpm?.kill('SIGKILL')
    process.removeListener('exit', removeFolder)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const opening = Promise.all([
      connectQmp(files.qmp),
      connectSocket(files.serial),
      connectSocket(files.testPort),
    ])
    const ended = once(qemu, 'exit').then(() => Promise.reject(new Error('QEMU ended at once')))
    // Whichever of them loses may fail later, which is nobody's concern then.
    for (const loser of [opening, ended]) loser.catch(() => undefined)
    const [qmp, serial, testPort] = await Promise.race([opening, ended])
    for (const line of [serial, testPort]) line.on('error', () => undefined)
    const shell = new TestShell(testPort, { boots: resumed ? 1 : 0 })
    const pc = new Pc(qmp, new SerialTerminal(serial), shell, {
      folder,
      font,
      stop,
      uefiVars: files.uefiVars,
      ...options,
    })
    if (resumed) await untilResumed(qmp, options.signal)
    await qmp.command('cont')
    return pc
  } catch (error) {
    await stop()
    const said = await readFile(log, 'utf8').catch(() => '')
    throw new Error(`The virtual PC did not start: ${said.trim()}`, { cause: error })
  }
}
