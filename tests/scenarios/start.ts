import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { places } from './pc/places.ts'
import { overlay, preparedDisk } from './pc/prepared.ts'
import { probeAcceleration } from './pc/probe.ts'
import type { PcSpec } from './pc/spec.ts'
import { composeStart, startQemu } from './start/qemu.ts'
import { resumeMenu } from './start/saved-menu.ts'
import { joinTerminal } from './start/terminal.ts'
import { tellScreen } from './start/watch.ts'

export type StartOptions = {
  /** Silently, as a real PC boots, with its screen told in words. */
  desktop: boolean
  /** The whole way from power-on, on a disk that keeps what is done to it. */
  boot: boolean
  window: boolean
  /** Forget what was kept of earlier starts. */
  fresh: boolean
  /** Folder for files and sockets of the running PC; its path must be short (unix(7)). */
  scratch: string
  /** Folder for what is half-made, on the file system of dist/. */
  unfinished: string
  tell(words: string): void
  /** For a line that stays. */
  say(line: string): void
  /** Called when the terminal becomes that of the PC. */
  ready(): void
}

const kept = join(places.cache, '../pc')

/**
 * The virtual PC of the scenarios, for a person: its serial line is this terminal. Resolves with the status that the program
 * is to end with.
 */
export async function startInTerminal(options: StartOptions): Promise<number> {
  const { desktop, window, fresh, scratch, ready } = options
  const wholeWay = options.boot || desktop
  const disk = await preparedDisk()
  const { noDesktop } = await probeAcceleration()
  if (noDesktop !== null)
    options.say(`        The desktop cannot be started in it, only the menu: ${noDesktop}.`)
  if (fresh) await forget()
  const spec: PcSpec = {
    window,
    kernelArguments: ['console=tty0', 'console=ttyS0,115200', ...(desktop ? [] : ['deskvisor.recovery'])],
  }
  await using pc = wholeWay
    ? await startQemu(await composeStart({ ...spec, disk: await keptDisk(disk) }, scratch))
    : await resumeMenu({ ...options, spec, disk })
  ready()
  const over = new AbortController()
  const joined = joinTerminal(pc.serial, { isDrawn: !wholeWay, signal: over.signal })
  if (wholeWay) await pc.qmp.command('cont')
  tellScreen(pc.qmp, scratch, desktop ? 'always' : 'after-menu').catch(() => undefined)
  const status = await Promise.race([pc.ended, joined.then(() => 0)])
  over.abort()
  await joined
  if (status !== 0) process.stderr.write(`QEMU ended with status ${status}.\n${await pc.words()}`)
  return status
}

/** What `--boot` and `--desktop` do to the disk stays there until the image changes. */
async function keptDisk(base: string): Promise<string> {
  const disk = join(kept, `disk-of-${basename(base)}`)
  await mkdir(kept, { recursive: true })
  const names = await readdir(kept)
  for (const name of names) if (join(kept, name) !== disk) await rm(join(kept, name), { recursive: true })
  return names.includes(basename(disk)) ? disk : overlay(base, disk)
}

async function forget(): Promise<void> {
  await rm(kept, { recursive: true, force: true })
  for (const name of await readdir(places.cache))
    if (name.startsWith('started-')) await rm(join(places.cache, name), { recursive: true })
}
