import { rmSync } from 'node:fs'
import type { Cartridge } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { countAttempt } from './attempts.ts'
import { endBootKeySampler, pressedAfterGuestReboot } from './boot-key.ts'
import { findCartridge, gatherFacts } from './facts.ts'
import { decideIntent, ordinaryBoot } from './intent.ts'
import { consumeNextBoot } from './next-boot.ts'
import { recordIntent } from './recovery.ts'
import type { Reason } from './types.ts'

export type Desktop = { kind: 'desktop'; config: Config; cartridge: Cartridge; isRelaunch: boolean }
export type Recovery = {
  kind: 'recovery'
  reason: Reason
  /** Milliseconds for which the decision waited for a key. */
  waitedMs: number
  /** The menu would have no keyboard; after a restart of the machine, it has. */
  needsRestart: boolean
}

/**
 * Decides where a boot goes, and takes note of it: one-shot flags are used up, and a start of the desktop is counted before it
 * happens. A note that a full or failing disk refuses keeps nobody from the desktop.
 */
export async function decideBoot(machine: Machine): Promise<Desktop | Recovery> {
  const { facts, config, cartridge, waitedMs } = await gatherFacts(machine)
  const { intent, reason } = decideIntent(facts)
  endBootKeySampler(machine)
  consumeFlags(machine, facts.dataProblem === null)
  if (intent === 'recovery' || !cartridge) {
    // Once: the boot after it finds the flag, with the same reason.
    const needsRestart = facts.nextBoot === null && reason.code === 'keyboard-lost'
    return { kind: 'recovery', reason, waitedMs, needsRestart }
  }
  recordIntent(machine, { intent, reason, waitedMs })
  if (facts.desktopRequested) await closeMenu(machine)
  tolerated('This start is not counted', () => countAttempt(machine))
  return { kind: 'desktop', config, cartridge, isRelaunch: false }
}

/**
 * The same after the guest restarted: only the boot key, a cartridge and the configuration count. A guest may restart often
 * (updates do), so this is not counted as a start; crashes have a count of their own.
 */
export async function decideRelaunch(machine: Machine): Promise<Desktop | Recovery> {
  const { config, error } = loadConfig(machine)
  const pressed = await pressedAfterGuestReboot(machine, config.boot.key)
  endBootKeySampler(machine)
  const { cartridge, problem } = findCartridge(machine)
  const { intent, reason } = decideIntent({
    ...ordinaryBoot,
    pressed,
    cartridgeProblem: problem,
    configProblem: error,
  })
  if (intent === 'recovery' || !cartridge)
    return { kind: 'recovery', reason, waitedMs: 0, needsRestart: true }
  return { kind: 'desktop', config, cartridge, isRelaunch: true }
}

/** A flag counts once. */
function consumeFlags(machine: Machine, dataIsThere: boolean): void {
  const what = 'A one-shot flag cannot be removed'
  tolerated(what, () => rmSync(machine.paths.startDesktop, { force: true }))
  if (dataIsThere) tolerated(what, () => consumeNextBoot(machine))
}

/** The menu draws on the GPU that the console is about to get. */
async function closeMenu(machine: Machine): Promise<void> {
  await machine.systemctl('stop', 'deskvisor-recovery.target')
}

function tolerated(what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    log.error(`${what}: ${sentenceOf(error)}`)
  }
}
