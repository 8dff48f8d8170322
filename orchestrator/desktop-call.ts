/** The calls that boot/replace-self.ts and systemd/system/deskvisor-boot.service make, and no others. */
export type DesktopCall = { step: 'boot' | 'relaunch' | 'watchdog'; root: string }

/** `boot`, `boot --relaunch` and `watchdog`, each perhaps with `--root FOLDER` at its end; null for everything else. */
export function desktopCall(words: readonly string[]): DesktopCall | null {
  const [option, root = '/'] = words.slice(-2)
  const rooted = words.length > 2 && option === '--root'
  if (rooted && !root.startsWith('/')) return null
  const step = steps.get((rooted ? words.slice(0, -2) : words).join(' '))
  return step === undefined ? null : { step, root: rooted ? root : '/' }
}

const steps = new Map<string, DesktopCall['step']>([
  ['boot', 'boot'],
  ['boot --relaunch', 'relaunch'],
  ['watchdog', 'watchdog'],
])
