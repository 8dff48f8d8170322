import { type EndAction, runWatchdog } from '../console/index.ts'
import { giveBack } from '../devices/index.ts'
import { sentenceOf } from '../host/errors.ts'
import { lastPlayed, type Playing } from '../host/last-played.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { notify } from '../host/systemd.ts'
import { blessBoot } from './bless.ts'
import { endMachine } from './end-machine.ts'
import { restartIntoRecovery } from './recovery.ts'
import { replaceSelf } from './replace-self.ts'

/**
 * Watches the console until it ends and carries out what its end asks for. When that fails, the error ends this process,
 * and the next one finds it still due.
 */
export async function watch(machine: Machine): Promise<void> {
  const action = await runWatchdog({
    machine,
    onHealthy: async () => {
      await blessBoot(machine)
      await remember(machine, (snapshots, { name, state }) => snapshots.markHealthy(machine, name, state))
    },
    onLogOut: () => remember(machine, (snapshots, { name }) => snapshots.tryLoggedOut(machine, name)),
    onCrash: () => remember(machine, (snapshots, { name }) => snapshots.tryCrashed(machine, name)),
  })
  if (action === null) return
  // Had QEMU ended before it was seen at all, this service would count as one that never started.
  notify('READY=1')
  await carryOut(machine, action)
  process.exit(0)
}

/** Tells the timeline of what plays how it fared. It must never cost a desktop its watchdog: what fails is a line in the log. */
async function remember(
  machine: Machine,
  note: (snapshots: typeof import('../snapshots/index.ts'), playing: Playing) => Promise<void>,
): Promise<void> {
  const playing = lastPlayed(machine)
  if (playing === null) return
  try {
    await note(await import('../snapshots/index.ts'), playing)
  } catch (error) {
    log.warning(`The timeline of ${playing.name} was not told how its start went: ${sentenceOf(error)}`)
  }
}

async function carryOut(machine: Machine, action: EndAction): Promise<void> {
  switch (action.kind) {
    case 'power-off':
      notify('STATUS=The desktop was shut down; the machine powers off.')
      return endMachine(machine, 'poweroff')
    case 'reboot-host':
      notify('STATUS=The desktop restarts with the whole machine.')
      return endMachine(machine, 'reboot')
    case 'recovery':
      // The host cannot draw on a GPU that a guest had, so the menu needs a restart of the machine.
      return restartIntoRecovery(machine, { code: 'crash-loop', text: action.text })
    case 'relaunch':
      notify('STATUS=The desktop starts again.')
      giveBack(machine, { exceptDisplay: true })
      await machine.clock.sleep(action.afterSeconds * 1000)
      return replaceSelf(machine, 'boot', '--relaunch')
    case 'leave':
      giveBack(machine, { exceptDisplay: true })
  }
}
