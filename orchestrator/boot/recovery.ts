import { join } from 'node:path'
import { readJson, readTextOr, writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { paths } from '../host/paths.ts'
import { notify, systemctl } from '../host/systemd.ts'
import { endMachine } from './end-machine.ts'
import { requestRecovery } from './next-boot.ts'
import type { BootIntent, Reason } from './types.ts'

/** Keeps the decision of this boot for the menu and `deskvisor status`. */
export function recordIntent(root: string, intent: BootIntent): void {
  try {
    writeFileAtomic(paths(root).intent, `${JSON.stringify(intent)}\n`)
  } catch (error) {
    log.error(`The decision of this boot cannot be written: ${sentenceOf(error)}`)
  }
}

/**
 * Opens recovery with this reason: the menu on this boot, or on the next one when the GPU went to the console and the
 * host cannot draw any more (its firmware framebuffer does not come back without a restart).
 */
export async function enterRecovery(root: string, reason: Reason, waitedMs?: number): Promise<void> {
  log.warning(`Recovery: ${reason.text}`)
  if (await screenWasGivenAway(root)) return restartIntoRecovery(root, reason)
  recordIntent(root, { intent: 'recovery', reason, ...(waitedMs === undefined ? {} : { waitedMs }) })
  await openMenus(root)
  notify(`READY=1\nSTATUS=Recovery: ${reason.text}`)
}

/** Restarts the machine into recovery; when even the flag cannot be written, opens the menu where it still may be seen. */
export async function restartIntoRecovery(root: string, reason: Reason): Promise<void> {
  notify(`READY=1\nSTATUS=Restarting into recovery: ${reason.text}`)
  recordIntent(root, { intent: 'recovery', reason })
  try {
    requestRecovery(root, reason)
  } catch (error) {
    log.error(`boot/next cannot be written, so the menu opens without a restart: ${sentenceOf(error)}`)
    return openMenus(root)
  }
  await endMachine(root, 'reboot')
}

async function screenWasGivenAway(root: string): Promise<boolean> {
  const plan = readJson(paths(root).plan)
  const passedThrough =
    typeof plan === 'object' && plan !== null && 'kind' in plan && plan.kind === 'passthrough'
  if (!passedThrough) return false
  const { hostCanDraw } = await import('../devices/index.ts')
  return !hostCanDraw(root)
}

/** The menu on tty1 comes with the target; each active serial console gets one of its own. */
async function openMenus(root: string): Promise<void> {
  if (root !== '/') return
  const serial = serialConsoles(readTextOr(join(paths(root).sys, 'class/tty/console/active'), ''))
  const menus = serial.map((name) => `deskvisor-tui@${name}.service`)
  // One after the other: a serial console that systemd refuses must not cost the menu on the screen.
  for (const units of [['deskvisor-recovery.target'], menus]) {
    if (units.length === 0) continue
    const { status, stderr } = await systemctl('start', '--no-block', ...units)
    if (status !== 0) log.error(`systemd did not start ${units.join(' ')}: ${stderr.trim()}`)
  }
}

/** Names from /sys/class/tty/console/active (kernel: Documentation/ABI/testing/sysfs-tty) that are not virtual terminals. */
export function serialConsoles(active: string): string[] {
  return active.split(/\s+/).filter((name) => /^(?:ttyS|ttyUSB|ttyAMA|hvc)\d+$/.test(name))
}

/** Errors of a start that are reasons of their own. */
const ownCodes = ['no-kvm', 'no-passthrough', 'cannot-reset', 'cannot-try'] as const

/** Why the menu opens instead of the desktop that failed to start. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof DeskvisorError)) {
    const text = `The desktop could not be started: ${oneLine(sentenceOf(error))}.`
    return { code: 'start-failed', text }
  }
  const code = ownCodes.find((known) => known === error.code) ?? 'start-failed'
  return { code, text: oneLine(error.message) }
}
