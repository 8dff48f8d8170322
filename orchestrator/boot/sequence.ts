import { askForPatience, withPatience } from '../host/patience.ts'
import { type Desktop, decideBoot, decideRelaunch, type Recovery } from './decide.ts'
import { becomeWatchdog, consoleIsLeft } from './left-console.ts'
import { enterRecovery, reasonOf, restartIntoRecovery } from './recovery.ts'

/** From power-on to the desktop or the menu. Whatever fails ends in recovery with the reason as one sentence. */
export async function boot(root: string): Promise<void> {
  if (await consoleIsLeft(root)) becomeWatchdog(root)
  try {
    const decision = await decideBoot(root)
    if (decision.kind === 'recovery') return await openRecovery(root, decision)
    await startDesktop(root, decision)
  } catch (error) {
    return enterRecovery(root, reasonOf(error))
  }
  becomeWatchdog(root)
}

/** The guest restarted: the boot key is looked at again, and the same story is entered midway. */
export async function relaunch(root: string): Promise<void> {
  try {
    const decision = await decideRelaunch(root)
    if (decision.kind === 'recovery') return await restartIntoRecovery(root, decision.reason)
    await startDesktop(root, decision)
  } catch (error) {
    return restartIntoRecovery(root, reasonOf(error))
  }
  becomeWatchdog(root)
}

/** Plan → snapshot or reset → bind → launch. The plan refuses before anything is changed. */
async function startDesktop(root: string, { config, cartridge, isRelaunch }: Desktop): Promise<void> {
  // Loaded only here: a boot into recovery has no use for them.
  const console = await import('../console/index.ts')
  const snapshots = await import('../snapshots/index.ts')
  const plan = await console.planConsole(root, config)
  const played = await withPatience(() => snapshots.prepareStart(root, cartridge, { relaunch: isRelaunch }))
  askForPatience()
  const bound = await console.bindConsole(plan, played)
  await console.launchConsole(bound)
}

function openRecovery(root: string, { reason, waitedMs, needsRestart }: Recovery): Promise<void> {
  return needsRestart ? restartIntoRecovery(root, reason) : enterRecovery(root, reason, waitedMs)
}
