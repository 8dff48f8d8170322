import { setTimeout as sleep } from 'node:timers/promises'
import { type EndAction, runWatchdog } from '../console/index.ts'
import { giveBack } from '../devices/index.ts'
import { notify } from '../host/systemd.ts'
import { become } from './become.ts'
import { blessBoot } from './bless.ts'
import { endMachine } from './end-machine.ts'
import { restartIntoRecovery } from './recovery.ts'

/**
 * Watches the console until it ends and carries out what its end asks for. When that fails, the error ends this process,
 * and the next one finds it still due.
 */
export async function watch(root: string): Promise<void> {
  const action = await runWatchdog({ root, onHealthy: () => blessBoot(root) })
  if (action === null) return
  // Had QEMU ended before it was seen at all, this service would count as one that never started.
  notify('READY=1')
  await carryOut(root, action)
  process.exit(0)
}

async function carryOut(root: string, action: EndAction): Promise<void> {
  switch (action.kind) {
    case 'power-off':
      notify('STATUS=The desktop was shut down; the machine powers off.')
      return endMachine(root, 'poweroff')
    case 'reboot-host':
      notify('STATUS=The desktop restarts with the whole machine.')
      return endMachine(root, 'reboot')
    case 'recovery':
      // The host cannot draw on a GPU that a guest had, so the menu needs a restart of the machine.
      return restartIntoRecovery(root, { code: 'crash-loop', text: action.text })
    case 'relaunch':
      notify('STATUS=The desktop starts again.')
      giveBack(root, { exceptDisplay: true })
      await sleep(action.afterSeconds * 1000)
      return become(root, 'boot', '--relaunch')
    case 'leave':
      giveBack(root, { exceptDisplay: true })
  }
}
