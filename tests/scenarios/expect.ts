import assert from 'node:assert/strict'
import type { Status, TimelineInfo } from '../../orchestrator/api/index.ts'
import type { Reason } from '../../orchestrator/boot/types.ts'
import type { Computer } from './computer.ts'
import { until } from './fair-time.ts'
import type { Pc } from './pc/pc.ts'

/** What the menu shows on its first screen and nothing else does. */
export const menu = /start the desktop/i
/** What the test guest draws, with the number of its boot. */
export const guestPicture = /DESKVISOR TEST GUEST boot (\d+)/

/** Waits for the menu on the screen, with one of these reasons, and no VM beside it. Returns the screen's text. */
export async function expectMenu(
  pc: Computer,
  code: Reason['code'] | readonly Reason['code'][],
  limitS = 300,
): Promise<string> {
  await pc.waitForScreen(menu, { limitS })
  const { intent } = await statusOf(pc)
  assert.equal(intent?.intent, 'recovery')
  const codes: (string | undefined)[] = [code].flat()
  assert.ok(codes.includes(intent?.reason.code), `${intent?.reason.code} is the reason, and not ${code}`)
  // The first frame is painted before the reason is known.
  let text = ''
  await eventually('the menu shows the reason', async () => {
    text = await pc.screenText()
    return shows(text, intent?.reason.text ?? '')
  })
  assert.match(await consoleState(pc), /^(inactive|failed)$/, 'The VM was started beside the menu')
  return text
}

/**
 * Waits for the menu that F8 leads to. Once in thirty times Linux loses a PS/2 keyboard to the key, which costs a restart
 * (scenario lost-keyboard); a USB keyboard never.
 */
export async function expectMenuByBootKey(pc: Pc, keyboard: 'ps2' | 'usb' = 'ps2'): Promise<void> {
  if (keyboard === 'usb') await expectMenu(pc, 'boot-key')
  else await expectMenu(pc, ['boot-key', 'keyboard-lost'], 600)
}

/** Holds F8 from now on, until the menu is there because of it. */
export async function holdBootKeyUntilMenu(pc: Pc, keyboard?: 'ps2' | 'usb'): Promise<void> {
  const release = pc.hold('f8')
  await expectMenuByBootKey(pc, keyboard)
  await release()
}

/** Waits for the test guest's picture and returns the number of its boot. */
export async function expectDesktop(
  pc: Computer,
  { limitS = 600, boot }: { limitS?: number; boot?: number } = {},
) {
  const expected = boot === undefined ? guestPicture : new RegExp(`DESKVISOR TEST GUEST boot ${boot}\\b`)
  const text = await pc.waitForScreen(expected, { limitS })
  return Number(guestPicture.exec(text)?.[1])
}

export async function statusOf(pc: Computer): Promise<Status> {
  const { status, stdout, stderr } = await pc.shell(['deskvisor', 'status', '--json'])
  assert.equal(status, 0, `deskvisor status failed: ${stderr}`)
  return JSON.parse(stdout) as Status
}

/** Waits until the guest agent answered. */
export function expectHealthy(pc: Computer): Promise<void> {
  return eventually('the desktop is healthy', async () => (await statusOf(pc)).console.healthy, 400)
}

export async function consoleRuns(pc: Computer): Promise<boolean> {
  return (await consoleState(pc)) === 'active'
}

/** Of the VM's unit, as systemctl(1) says it. */
async function consoleState(pc: Computer): Promise<string> {
  return (await pc.shell('systemctl is-active deskvisor-console.service')).stdout.trim()
}

export async function killConsole(pc: Computer): Promise<void> {
  const pid = await consolePid(pc)
  if (pid > 0) await hostRuns(pc, ['kill', '-KILL', String(pid)])
}

/** Kills the VM as often as it comes back, until the host gives up and restarts. */
export async function killUntilRestart(pc: Computer): Promise<void> {
  const boots = pc.hostBoots
  // Only once QEMU answered the watchdog: a VM that is killed before that is a start that failed, another reason.
  const answered = async () => {
    const command = `grep -q '"running": *true' /run/deskvisor/watchdog.json`
    return (await pc.shell(command).catch(() => ({ status: 1 }))).status === 0
  }
  const restarted = async () => {
    if (pc.hostBoots === boots && (await answered())) await killConsole(pc).catch(() => undefined)
    return pc.hostBoots > boots
  }
  await eventually('the host restarts after the VM was killed again and again', restarted, 600)
}

/** Process id of the VM's QEMU. */
export async function consolePid(pc: Computer): Promise<number> {
  const { stdout } = await pc.shell('systemctl show -P MainPID deskvisor-console.service')
  return Number(stdout)
}

/** The snapshots of the inserted operating system, as programs see them. */
export async function timeline(pc: Computer): Promise<TimelineInfo> {
  return JSON.parse(await hostRuns(pc, ['deskvisor', 'snapshot', 'list', '--json'])) as TimelineInfo
}

/** Where the test guest writes a record about once a second. */
export const journal = '/var/lib/test-guest/journal'

/** The last record that the guest has fsynced. */
export async function lastRecord(pc: Computer): Promise<string> {
  const { stdout } = await pc.guest.exec(['/usr/bin/tail', '-n', '1', journal])
  return stdout.trim()
}

/** Runs a command in the host that must succeed, and returns its output. */
export async function hostRuns(pc: Computer, command: string | string[], limitS = 120): Promise<string> {
  const { status, stdout, stderr } = await pc.shell(command, { limitS })
  assert.equal(status, 0, `${command} failed (${status}): ${stdout}${stderr}`)
  return stdout
}

/** Runs a program or a script in the guest that must succeed, and returns its output. */
export async function guestRuns(pc: Computer, command: string | string[]): Promise<string> {
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const { status, stdout, stderr } = await pc.guest.exec(argv)
  assert.equal(status, 0, `${command} failed in the guest (${status}): ${stdout}${stderr}`)
  return stdout
}

/** The guest overwrites its own partition table, boot loader and more, for good. */
export async function destroyGuest(pc: Computer): Promise<void> {
  await guestRuns(pc, ['/bin/dd', 'if=/dev/zero', 'of=/dev/vda', 'bs=1M', 'count=100', 'conv=fsync'])
}

/** Runs a command in the host that must be refused, and returns what it says. */
export async function hostRefuses(pc: Computer, command: string[], limitS = 120): Promise<string> {
  const { status, stdout, stderr } = await pc.shell(command, { limitS })
  assert.notEqual(status, 0, `${command.join(' ')} was not refused: ${stdout}`)
  return stderr
}

/** Asks again and again until the answer is true. */
export async function eventually(what: string, check: () => Promise<boolean>, limitS = 120): Promise<void> {
  await until(what, check, { limitS, everyMs: 300 })
}

/** Restarts the host from within and waits until the next boot answers. */
export async function restartHost(pc: Computer): Promise<void> {
  const boots = pc.hostBoots
  await pc.shell('systemctl reboot').catch(() => undefined)
  await eventually('the host came up again', async () => pc.hostBoots > boots, 300)
}

/** True when the text is on the screen, however it was broken into lines. */
function shows(screen: string, sentence: string): boolean {
  const words = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
  const start = words(sentence).slice(0, 40)
  return start !== '' && words(screen).includes(start)
}

/** The disk of a cartridge has this SHA-256. */
export async function expectDisk(pc: Computer, name: string, digest: string): Promise<void> {
  const disk = `/var/lib/deskvisor/cartridges/${name}/present/disk.raw`
  assert.equal((await hostRuns(pc, ['sha256sum', disk], 200)).split(' ')[0], digest)
}
