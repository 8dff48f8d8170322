import type { Machine } from './machine.ts'

/** The unit that QEMU runs in. */
export const consoleUnit = 'deskvisor-console.service'
/** Starts the console, then watches it until it ends. */
export const bootUnit = 'deskvisor-boot.service'

/** `changing`: being started, started again, or shut down, so that what it plays may be another state in a moment. */
export type DesktopPhase = 'off' | 'changing' | 'running'

/** How the desktop of the running machine is; `off` when systemd cannot be asked. */
export async function desktopPhase({ systemctl }: Machine): Promise<DesktopPhase> {
  return phaseOf((await systemctl('show', '--property=Id,ActiveState,Job', consoleUnit, bootUnit)).stdout)
}

/**
 * The phase in what `systemctl show` says of both units: a paragraph each, `Job=` only for one that systemd has something
 * to do with. The console is active as soon as QEMU's program runs; its boot unit only once QEMU answers.
 */
export function phaseOf(shown: string): DesktopPhase {
  const units = shown.split(/\n\s*\n/).map((text) => new Map(text.split('\n').map(property)))
  const unit = (id: string) => units.find((known) => known.get('Id') === id)
  const state = (id: string) => unit(id)?.get('ActiveState') ?? 'inactive'
  const [console, boot] = [state(consoleUnit), state(bootUnit)]
  if (boot === 'activating' || unit(bootUnit)?.get('Job')) return 'changing'
  if (console === 'active') return 'running'
  return ended.includes(console) && ended.includes(boot) ? 'off' : 'changing'
}

const ended = ['inactive', 'failed']

function property(line: string): [string, string] {
  const [name = '', ...value] = line.split('=')
  return [name, value.join('=')]
}

/** Whether a unit is active; false when systemd cannot be asked. */
export async function unitActive({ systemctl }: Machine, name: string): Promise<boolean> {
  return (await systemctl('is-active', '--quiet', name)).status === 0
}
