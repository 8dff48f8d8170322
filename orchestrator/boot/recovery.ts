import { join } from 'node:path'
import { readJson, readTextOr, writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { notify } from '../host/systemd.ts'
import { endMachine } from './end-machine.ts'
import { requestRecovery } from './next-boot.ts'
import type { BootIntent, Reason } from './types.ts'

/** Keeps the decision of this boot for the menu and `deskvisor status`. */
export function recordIntent(machine: Machine, intent: BootIntent): void {
  try {
    writeFileAtomic(machine.paths.intent, `${JSON.stringify(intent)}\n`)
  } catch (error) {
    log.error(`The decision of this boot cannot be written: ${sentenceOf(error)}`)
  }
}

/**
 * Opens recovery with this reason: the menu on this boot, or on the next one when the GPU went to the console and the
 * host cannot draw any more (its firmware framebuffer does not come back without a restart).
 */
export async function enterRecovery(machine: Machine, reason: Reason, waitedMs?: number): Promise<void> {
  log.warning(`Recovery: ${reason.text}`)
  if (await screenWasGivenAway(machine)) return restartIntoRecovery(machine, reason)
  recordIntent(machine, { intent: 'recovery', reason, ...(waitedMs === undefined ? {} : { waitedMs }) })
  await openMenus(machine)
  notify(`READY=1\nSTATUS=Recovery: ${reason.text}`)
}

/** Restarts the machine into recovery; when even the flag cannot be written, opens the menu where it still may be seen. */
export async function restartIntoRecovery(machine: Machine, reason: Reason): Promise<void> {
  notify(`READY=1\nSTATUS=Restarting into recovery: ${reason.text}`)
  recordIntent(machine, { intent: 'recovery', reason })
  try {
    requestRecovery(machine, reason)
  } catch (error) {
    log.error(`boot/next cannot be written, so the menu opens without a restart: ${sentenceOf(error)}`)
    return openMenus(machine)
  }
  await endMachine(machine, 'reboot')
}

async function screenWasGivenAway(machine: Machine): Promise<boolean> {
  const plan = readJson(machine.paths.plan)
  const passedThrough =
    typeof plan === 'object' && plan !== null && 'kind' in plan && plan.kind === 'passthrough'
  if (!passedThrough) return false
  const { hostCanDraw } = await import('../devices/index.ts')
  return !hostCanDraw(machine)
}

/** The menu on tty1 comes with the target; each active serial console gets one of its own. */
async function openMenus(machine: Machine): Promise<void> {
  const serial = serialConsoles(readTextOr(join(machine.paths.sys, 'class/tty/console/active'), ''))
  const menus = serial.map((name) => `deskvisor-tui@${name}.service`)
  // One after the other: a serial console that systemd refuses must not cost the menu on the screen.
  for (const units of [['deskvisor-recovery.target'], menus]) {
    if (units.length === 0) continue
    const { status, stderr } = await machine.systemctl('start', '--no-block', ...units)
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
