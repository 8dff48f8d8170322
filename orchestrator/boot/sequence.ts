import type { Machine } from '../host/machine.ts'
import { extendingStartTimeout, extendStartTimeout } from '../host/start-timeout.ts'
import { type Desktop, decideBoot, decideRelaunch, type Recovery } from './decide.ts'
import { becomeWatchdog, consoleIsLeft } from './left-console.ts'
import { enterRecovery, reasonOf, restartIntoRecovery } from './recovery.ts'

/** From power-on to the desktop or the menu. Whatever fails ends in recovery with the reason as one sentence. */
export async function boot(machine: Machine): Promise<void> {
  if (await consoleIsLeft(machine)) becomeWatchdog(machine)
  try {
    const decision = await decideBoot(machine)
    if (decision.kind === 'recovery') return await openRecovery(machine, decision)
    await startDesktop(machine, decision)
  } catch (error) {
    return enterRecovery(machine, reasonOf(error))
  }
  becomeWatchdog(machine)
}

/** The guest restarted: the boot key is looked at again, and the same story is entered midway. */
export async function relaunch(machine: Machine): Promise<void> {
  try {
    const decision = await decideRelaunch(machine)
    if (decision.kind === 'recovery') return await restartIntoRecovery(machine, decision.reason)
    await startDesktop(machine, decision)
  } catch (error) {
    return restartIntoRecovery(machine, reasonOf(error))
  }
  becomeWatchdog(machine)
}

/** Plan → snapshot or reset → bind → launch. The plan refuses before anything is changed. */
async function startDesktop(machine: Machine, { config, cartridge, isRelaunch }: Desktop): Promise<void> {
  // Loaded only here: a boot into recovery has no use for them.
  const console = await import('../console/index.ts')
  const snapshots = await import('../snapshots/index.ts')
  const plan = await console.planConsole(machine, config)
  const played = await extendingStartTimeout(() =>
    snapshots.prepareStart(machine, cartridge, { relaunch: isRelaunch }),
  )
  extendStartTimeout()
  const bound = await console.bindConsole(plan, played)
  await console.launchConsole(bound)
}

function openRecovery(machine: Machine, { reason, waitedMs, needsRestart }: Recovery): Promise<void> {
  return needsRestart ? restartIntoRecovery(machine, reason) : enterRecovery(machine, reason, waitedMs)
}
