import { existsSync, rmSync } from 'node:fs'
import { loadConfig } from '../config/index.ts'
import type { ConsoleOptions } from '../console/index.ts'
import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { paths } from '../host/paths.ts'
import { askForPatience, withPatience } from '../host/patience.ts'
import { systemctl } from '../host/systemd.ts'
import { countAttempt } from './attempts.ts'
import { become } from './become.ts'
import { endBootKeySampler, pressedAfterGuestReboot } from './boot-key.ts'
import { findCartridge, gatherFacts } from './facts.ts'
import { calm, decideIntent } from './intent.ts'
import { consumeNextBoot } from './next-boot.ts'
import { enterRecovery, recordIntent, restartIntoRecovery } from './recovery.ts'
import type { Reason } from './types.ts'

/** From power-on to the desktop or the menu. Whatever fails ends in recovery with the reason as one sentence. */
export async function boot(root: string): Promise<void> {
  if (await isRestart(root)) becomeWatchdog(root)
  try {
    const { facts, config, cartridge, waitedMs } = await gatherFacts(root)
    const intent = { ...decideIntent(facts), waitedMs }
    endBootKeySampler(root)
    consumeFlags(root, facts.dataProblem === null)
    // The menu would have no keyboard; after a restart, it has. Once: that boot finds the flag, with the same reason.
    const isFirst = facts.nextBoot === null
    if (isFirst && intent.reason.code === 'keyboard-lost')
      return await restartIntoRecovery(root, intent.reason)
    if (intent.intent === 'recovery' || !cartridge) return await enterRecovery(root, intent.reason, waitedMs)
    recordIntent(root, intent)
    if (facts.desktopRequested) await closeMenu(root)
    tolerated('This start is not counted', () => countAttempt(root))
    await startConsole({ root, config, cartridge }, { relaunch: false })
  } catch (error) {
    return enterRecovery(root, reasonOf(error))
  }
  becomeWatchdog(root)
}

/** The guest restarted: look at the boot key again, then start the console anew. */
export async function relaunch(root: string): Promise<void> {
  try {
    const { config, error } = loadConfig(root)
    const pressed = await pressedAfterGuestReboot(root, config.boot.key)
    endBootKeySampler(root)
    const { cartridge, problem } = findCartridge(root)
    // A guest may restart often (updates do), so this is not counted as an attempt; crashes have a count of their own.
    const intent = decideIntent({ ...calm, pressed, cartridgeProblem: problem, configProblem: error })
    if (intent.intent === 'recovery' || !cartridge) return await restartIntoRecovery(root, intent.reason)
    await startConsole({ root, config, cartridge }, { relaunch: true })
  } catch (error) {
    return restartIntoRecovery(root, reasonOf(error))
  }
  becomeWatchdog(root)
}

/** The state that is to be played, its moment before the start, and the start. Loaded only here: a boot into recovery has no use for it. */
async function startConsole(options: ConsoleOptions, how: { relaunch: boolean }): Promise<void> {
  const snapshots = await import('../snapshots/index.ts')
  const cartridge = await withPatience(() => snapshots.prepareStart(options.root, options.cartridge, how))
  askForPatience()
  const room = await import('../console/index.ts')
  await room.startConsole({ ...options, cartridge })
}

function reasonOf(error: unknown): Reason {
  if (!(error instanceof DeskvisorError)) {
    const text = `The desktop could not be started: ${oneLine(sentenceOf(error))}.`
    return { code: 'start-failed', text }
  }
  const code = ownCodes.find((known) => known === error.code) ?? 'start-failed'
  return { code, text: oneLine(error.message) }
}

/** Errors of a start that are reasons of their own. */
const ownCodes = ['no-kvm', 'no-passthrough', 'cannot-reset', 'cannot-try'] as const

/** A restart of this unit, and no fresh boot: the console runs on, or its end was not seen through. */
async function isRestart(root: string): Promise<boolean> {
  // A tree below --root has no console, whatever its records say.
  if (root !== '/' || !existsSync(paths(root).consoleRun)) return false
  const { consoleLeftBehind } = await import('../console/index.ts')
  return consoleLeftBehind(root)
}

/** A flag counts once. One that cannot be removed must not stop the boot. */
function consumeFlags(root: string, dataIsThere: boolean): void {
  const what = 'A one-shot flag cannot be removed'
  tolerated(what, () => rmSync(paths(root).startDesktop, { force: true }))
  if (dataIsThere) tolerated(what, () => consumeNextBoot(root))
}

/** What a full or failing disk refuses on the way must not keep anybody from the desktop. */
function tolerated(what: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    log.error(`${what}: ${sentenceOf(error)}`)
  }
}

/** The menu draws on the GPU that the console is about to get. */
async function closeMenu(root: string): Promise<void> {
  if (root === '/') await systemctl('stop', 'deskvisor-recovery.target')
}

function becomeWatchdog(root: string): never {
  become(root, 'watchdog')
}
