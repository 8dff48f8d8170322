import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { composePc } from './pc/compose.ts'
import { kernelFont } from './pc/font.ts'
import { isBlank, parsePpm } from './pc/picture.ts'
import { places } from './pc/places.ts'
import { overlay, preparedDisk } from './pc/prepared.ts'
import { connectQmp, type Qmp } from './pc/qmp.ts'
import { readableWords, screenText } from './pc/screen-text.ts'
import { completeSpec } from './pc/spec.ts'

export type StartOptions = { desktop: boolean; window: boolean; fresh: boolean }

/**
 * The virtual PC of the scenarios, for a person: its serial line is this terminal, and with `desktop` its screen is told
 * in words. The disk keeps what was done to it until the image changes. Returns QEMU's exit status.
 */
export async function startInTerminal({ desktop, window, fresh }: StartOptions): Promise<number> {
  const spec = completeSpec({
    disk: await keptDisk(fresh),
    window,
    kernelArguments: ['console=tty0', 'console=ttyS0,115200', ...(desktop ? [] : ['deskvisor.recovery'])],
  })
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-start-'))
  const log = join(folder, 'trace.log')
  const { files, args, environment } = await composePc(spec, {
    folder,
    cache: places.cache,
    serial: 'stdio',
    log,
  })
  const qemu = spawn('qemu-system-x86_64', args, {
    stdio: ['inherit', 'inherit', 'ignore'],
    env: { ...process.env, ...environment },
  })
  const ended = once(qemu, 'exit')
  try {
    const qmp = await Promise.race([connectQmp(files.qmp), ended.then(() => undefined)])
    if (!qmp) throw new Error(`QEMU did not start; try: qemu-system-x86_64 ${args.join(' ')}`)
    await qmp.command('cont')
    if (desktop) await tellScreen(qmp, folder).catch(() => undefined)
    const [status] = await ended
    return Number(status ?? 1)
  } finally {
    qemu.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}

/** Says what there is to read on the screen whenever that changes; ends when QEMU is gone. */
async function tellScreen(qmp: Qmp, folder: string): Promise<void> {
  const font = await kernelFont(places.cache)
  const filename = join(folder, 'screen.ppm')
  for (let last = ''; ; await sleep(2000)) {
    await qmp.command('screendump', { filename, device: 'gpu-boot', head: 0 })
    const picture = parsePpm(await readFile(filename))
    const text = screenText(picture, font)
    const nothing = isBlank(picture) ? '(nothing)' : '(a picture, or words in a font that is not known here)'
    const words = readableWords(text).length > 0 ? text.replaceAll(/^\s*\n|\s+$/g, '') : nothing
    if (words !== last)
      process.stdout.write(`\r\nOn the screen now:\r\n${words.replaceAll('\n', '\r\n')}\r\n`)
    last = words
  }
}

async function keptDisk(fresh: boolean): Promise<string> {
  const base = await preparedDisk()
  const folder = join(places.cache, '../pc')
  const disk = join(folder, `disk-of-${basename(base)}`)
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (fresh || join(folder, name) !== disk) await rm(join(folder, name), { recursive: true })
  }
  return (await readdir(folder)).includes(basename(disk)) ? disk : overlay(base, disk)
}
