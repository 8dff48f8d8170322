import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { menu } from '../expect.ts'
import { fairSeconds } from '../fair-time.ts'
import { kernelFont } from '../pc/font.ts'
import { isBlank, parsePpm } from '../pc/picture.ts'
import { places } from '../pc/places.ts'
import type { Qmp } from '../pc/qmp.ts'
import { readableWords, screenText } from '../pc/screen-text.ts'
import { SerialTerminal } from '../pc/serial.ts'
import type { StartedPc } from './qemu.ts'

/** So long nothing at all may happen: neither on the screen, nor on the serial line, nor on the disk. */
const standstillMs = 10 * 60_000

/** Fair seconds in which a PC that does something all the time has its menu, or never will. */
const longestS = 1800

/** Waits for the menu on the serial line and tells meanwhile in words what the PC does. Throws with what it showed last. */
export async function watchUntilMenu(
  pc: StartedPc,
  folder: string,
  tell: (words: string) => void,
): Promise<void> {
  const terminal = new SerialTerminal(pc.serial)
  const read = await screenReader(pc.qmp, folder)
  let [before, since, shown, linux] = ['', performance.now(), '', false]
  const end = fairSeconds() + longestS
  const fail = async (what: string) => {
    const said = [`Its screen showed ${shown || 'nothing'}.`, tail(terminal.text()), tail(await pc.words())]
    throw new Error([what, ...said.filter(Boolean)].join('\n'))
  }
  while (!menu.test(terminal.text())) {
    const ended = await Promise.race([pc.ended.then(() => true), sleep(1000).then(() => false)])
    if (ended) await fail('The virtual PC ended before its menu was there.')
    const [screen, activity] = await Promise.all([read(), diskActivity(pc.qmp)])
    linux ||= await runsLinux(pc.qmp)
    shown = readableWords(screen.text).slice(0, 8).join(' ') || (screen.blank ? 'nothing' : 'a picture')
    tell(`${linux ? 'Linux starts' : 'the firmware starts'}; its screen shows ${shown}`)
    const now = [screen.text, activity, terminal.received.length, linux].join()
    if (fairSeconds() > end) await fail('The virtual PC is busy, and does not come to its menu.')
    if (now !== before) since = performance.now()
    before = now
    if (performance.now() - since > standstillMs)
      await fail('The virtual PC stands still: for ten minutes nothing happened in it.')
  }
}

/** Says what there is to read on the screen whenever that changes; ends when QEMU is gone. `when`: see screenNews(). */
export async function tellScreen(qmp: Qmp, folder: string, when: 'always' | 'after-menu'): Promise<void> {
  const read = await screenReader(qmp, folder)
  for (const news = screenNews(when); ; await sleep(2000)) {
    const words = news(await read())
    if (words !== null) process.stdout.write(`\r\n${words.replaceAll('\n', '\r\n')}\r\n`)
  }
}

/**
 * What to say of one look at the screen after another; null where that is nothing. `after-menu`: the menu is in this terminal as
 * well, so only what has the screen once the menu has left it: the desktop, which no serial line leads to.
 */
export function screenNews(
  when: 'always' | 'after-menu',
): (screen: { text: string; blank: boolean }) => string | null {
  let last = ''
  let menuWasThere = false
  let told = false
  return ({ text, blank }) => {
    const isMenu = menu.test(text) || /^ ?Deskvisor recovery/.test(text)
    menuWasThere ||= isMenu
    const nothing = blank ? '(nothing)' : '(a picture, or words in a font that is not known here)'
    const words = readableWords(text).length > 0 ? text.replaceAll(/^\s*\n|\s+$/g, '') : nothing
    const isNews = words !== last
    last = words
    if (!isNews || (when === 'after-menu' && (isMenu || !menuWasThere))) return null
    const isFirst = !told
    told = true
    return `${when === 'after-menu' && isFirst ? noMenu : 'On the screen now:'}\n${words}`
  }
}

const noMenu = "The desktop is on the virtual PC's own screen (npm start -- --window shows it). On it now:"

async function screenReader(
  qmp: Qmp,
  folder: string,
): Promise<() => Promise<{ text: string; blank: boolean }>> {
  const font = await kernelFont(places.cache)
  const filename = join(folder, 'screen.ppm')
  return async () => {
    await qmp.command('screendump', { filename, device: 'gpu-boot', head: 0 })
    const picture = parsePpm(await readFile(filename))
    return { text: screenText(picture, font), blank: isBlank(picture) }
  }
}

/** Linux runs in the upper half of the address space, or in user mode; firmware does neither. */
async function runsLinux(qmp: Qmp): Promise<boolean> {
  const registers = await qmp.command<string>('human-monitor-command', { 'command-line': 'info registers' })
  return /RIP=ffff|CPL=3/.test(registers)
}

async function diskActivity(qmp: Qmp): Promise<number> {
  const all =
    await qmp.command<{ stats: { rd_operations: number; wr_operations: number } }[]>('query-blockstats')
  return all.reduce((sum, { stats }) => sum + stats.rd_operations + stats.wr_operations, 0)
}

function tail(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-8)
    .map((line) => `    ${line}`)
    .join('\n')
}
