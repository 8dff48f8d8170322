import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composePc } from './compose.ts'
import { kernelFont } from './font.ts'
import { start } from './process.ts'
import { connectQmp, connectSocket } from './qmp.ts'
import { Pc, type PcOptions } from './running-pc.ts'
import { SerialTerminal } from './serial.ts'
import { completeSpec, type PcSpec } from './spec.ts'
import { TestShell, testShellCredentials } from './test-shell.ts'

export { Pc, type PcEnd, type PcOptions } from './running-pc.ts'
export type { Waiting } from './screen.ts'

/** Switches a virtual PC on. `await using pc = await startPc(…)` switches it off again whatever happens. */
export async function startPc(spec: PcSpec, options: PcOptions): Promise<Pc> {
  const complete = completeSpec({ ...spec, credentials: { ...testShellCredentials, ...spec.credentials } })
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-pc-'))
  await mkdir(options.results, { recursive: true })
  const font = await kernelFont(options.cache)
  const { files, args, environment } = await composePc(complete, {
    folder,
    cache: options.cache,
    serial: join(folder, 'ttyS0'),
    log: join(options.results, 'qemu-trace.log'),
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
  const qemu = start('qemu-system-x86_64', args, join(options.results, 'qemu.log'), environment)
  const stop = async () => {
    if (qemu.exitCode === null && qemu.signalCode === null) {
      const ended = once(qemu, 'exit')
      qemu.kill('SIGKILL')
      await ended
    }
    tpm?.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [qmp, serial, testPort] = await Promise.all([
      connectQmp(files.qmp),
      connectSocket(files.serial),
      connectSocket(files.testPort),
    ])
    for (const line of [serial, testPort]) line.on('error', () => undefined)
    const pc = new Pc(qmp, new SerialTerminal(serial), new TestShell(testPort), {
      folder,
      font,
      stop,
      ...options,
    })
    await qmp.command('cont')
    return pc
  } catch (error) {
    await stop()
    const log = await readFile(join(options.results, 'qemu.log'), 'utf8').catch(() => '')
    throw new Error(`The virtual PC did not start: ${log.trim()}`, { cause: error })
  }
}
