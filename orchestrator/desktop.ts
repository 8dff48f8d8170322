import { boot, relaunch, watch } from './boot/index.ts'
import { expectRoot } from './commands/expect-root.ts'
import { type DesktopCall, desktopCall } from './desktop-call.ts'
import { DeskvisorError, oneLine, sentenceOf } from './host/errors.ts'
import { type Machine, machineAt } from './host/machine.ts'
import { standardError } from './host/output.ts'

// The same as main.ts for the calls on the way to the desktop, without the rest of the command line: Node reads all of its
// script at every start, and what stands in main.ts for people at a terminal would be most of it.

const steps: Record<DesktopCall['step'], (machine: Machine) => Promise<void>> = {
  boot,
  relaunch,
  watchdog: watch,
}

async function run({ step, root }: DesktopCall): Promise<void> {
  expectRoot(root)
  await steps[step](machineAt(root))
}

process.umask(0o022)

const call = desktopCall(process.argv.slice(2))
if (call === null) throw new Error('No call on the way to the desktop')
run(call).catch((error: unknown) => {
  standardError().write(`deskvisor: ${oneLine(sentenceOf(error))}\n`)
  process.exitCode = error instanceof DeskvisorError ? error.exitCode : 1
})
