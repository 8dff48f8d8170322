import { lastPlayed, type Playing } from './last-played.ts'
import type { Machine } from './machine.ts'

/** The unit that QEMU runs in. */
export const consoleUnit = 'deskvisor-console.service'
/** Starts the console, then watches it until it ends. */
export const bootUnit = 'deskvisor-boot.service'

/** `changing`: being started, started again, or shut down, so that what it plays may be another state in a moment. */
export type DesktopPhase = 'off' | 'changing' | 'running'

/**
 * The one answer to "is it running?". Each who asks reads from it what they need:
 *
 * | who asks                                               | what counts as running                                      |
 * | ------------------------------------------------------ | ----------------------------------------------------------- |
 * | a change of a whole cartridge (cartridges/running.ts)  | not `off`, and inserted, or in `lastPlayed`, or QEMU `sees` it |
 * | taking a state away (snapshots/playing.ts)             | `running`: it is in `lastPlayed`; `changing`: that, or inserted |
 * | keeping a state that is tried (snapshots/playing.ts)   | not `off`, and it is in `lastPlayed`                        |
 * | work that needs the desktop to be off (api/desktop.ts) | waits while `changing`; then whether there is a `playing`   |
 * | lists, and who makes the guest hold still (api)        | `playing`: also while QEMU still writes back                |
 * | the first screen, a console left behind                | `isActive`: QEMU's program runs, whether it answers or not  |
 * | the watchdog, and who ends the console                 | not `hasEnded`                                              |
 *
 * In a file tree nothing runs: it is `off`, and has ended. When systemd cannot be asked it is `off`, but nobody knows that
 * QEMU has ended.
 */
export type DesktopState = {
  phase: DesktopPhase
  isActive: boolean
  hasEnded: boolean
  /** systemd's word for how QEMU ended (systemd.exec(5), `$SERVICE_RESULT`). */
  result: string
  /** The paths that QEMU's unit was given to write to. */
  sees: string
  /** What the console of this boot was last started with; null before its first start. */
  lastPlayed: Playing | null
  /** The same until QEMU has ended. */
  playing: Playing | null
}

/** Asks systemd once. */
export async function desktopState(machine: Machine): Promise<DesktopState> {
  const wanted = '--property=Id,ActiveState,Job,Result,BindPaths'
  const { stdout } = await machine.systemctl('show', wanted, consoleUnit, bootUnit)
  const units = unitsIn(stdout)
  const last = lastPlayed(machine)
  return { ...units, lastPlayed: last, playing: units.hasEnded ? null : last }
}

/**
 * What `systemctl show` says of both units: a paragraph each, `Job=` only for one that systemd has something to do with.
 * The console is active as soon as QEMU's program runs; its boot unit only once QEMU answers.
 */
export function unitsIn(shown: string): Omit<DesktopState, 'lastPlayed' | 'playing'> {
  const units = shown.split(/\n\s*\n/).map((text) => new Map(text.split('\n').map(property)))
  const unit = (id: string) => units.find((known) => known.get('Id') === id)
  const [console, boot] = [unit(consoleUnit), unit(bootUnit)]
  const [state = '', bootState = ''] = [console?.get('ActiveState'), boot?.get('ActiveState')]
  const isOff = (word: string) => word === '' || ended.includes(word)
  const isChanging =
    bootState === 'activating' ||
    Boolean(boot?.get('Job')) ||
    (state !== 'active' && !(isOff(state) && isOff(bootState)))
  return {
    phase: isChanging ? 'changing' : state === 'active' ? 'running' : 'off',
    isActive: state === 'active',
    hasEnded: ended.includes(state),
    result: console?.get('Result') || 'success',
    sees: console?.get('BindPaths') ?? '',
  }
}

const ended = ['inactive', 'failed']

function property(line: string): [string, string] {
  const [name = '', ...value] = line.split('=')
  return [name, value.join('=')]
}
