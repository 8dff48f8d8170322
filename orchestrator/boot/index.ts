export { requestRecovery } from './next-boot.ts'
export { asReason, type BootIntent, type Reason } from './types.ts'

/** See sequence.ts; loaded when it is used, because menu and command line only want the words above. */
export async function boot(root: string): Promise<void> {
  const room = await import('./sequence.ts')
  return room.boot(root)
}

/** See sequence.ts; loaded when it is used. */
export async function relaunch(root: string): Promise<void> {
  const room = await import('./sequence.ts')
  return room.relaunch(root)
}

/** See watch.ts; loaded when it is used. */
export async function watch(root: string): Promise<void> {
  const room = await import('./watch.ts')
  return room.watch(root)
}
