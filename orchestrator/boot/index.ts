import type { Machine } from '../host/machine.ts'

export { requestRecovery } from './next-boot.ts'
export { asReason, type BootIntent, type Reason } from './types.ts'

/** See sequence.ts; loaded when it is used, because menu and command line only want the words above. */
export async function boot(machine: Machine): Promise<void> {
  const room = await import('./sequence.ts')
  return room.boot(machine)
}

/** See sequence.ts; loaded when it is used. */
export async function relaunch(machine: Machine): Promise<void> {
  const room = await import('./sequence.ts')
  return room.relaunch(machine)
}

/** See watch.ts; loaded when it is used. */
export async function watch(machine: Machine): Promise<void> {
  const room = await import('./watch.ts')
  return room.watch(machine)
}
