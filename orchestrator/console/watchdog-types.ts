import type { Config } from '../config/index.ts'
import type { Ending } from './endings.ts'

/** What the watchdog remembers; kept in `paths.watchdog`, so it survives the watchdog. Times are monotonic seconds. */
export type WatchdogState = {
  /** Console starts since the host booted. */
  starts: number
  crashes: number
  /** Times of the crashes of the last five minutes, and of all since the console was healthy last. */
  crashTimes: number[]
  lastCrash: string | null
  /** Seconds to wait before the next start after a crash, or after a guest restarted again as soon as it was started. */
  backOff: number
  healthy: boolean
  startedAt: number
  /** The console was seen running, and nothing was decided about its end yet. */
  running: boolean
  ending: Ending | null
  /** When the machine asked the guest to shut down, for work that needs it to be off; null when it did not. */
  asked: number | null
  /** What the console's end asks for; stays until the next start, so it can be carried out again. */
  due: EndAction | null
  /** As configured when the console was started; the watchdog itself loads no configuration. */
  onGuestReboot: Config['console']['on_guest_reboot']
  /** In GiB, or `auto`; as configured then, too. */
  freeFloor: Config['snapshots']['free_floor_gib']
}

export type WatchdogEvent =
  /** QEMU answers on its control socket. */
  | { kind: 'attached' }
  /** The user of the guest logged out; `resets`: what plays goes back to its golden snapshot at every start. */
  | { kind: 'logged-out'; at: number; resets: boolean }
  /** QMP SHUTDOWN: QEMU is about to end. */
  | { kind: 'shutdown-reported'; guest: boolean; reason: string }
  /** QMP WATCHDOG: the guest stopped feeding its watchdog device. */
  | { kind: 'hang' }
  /** QMP GUEST_PANICKED. */
  | { kind: 'panic' }
  /** QEMU runs, but its control socket is of no use. */
  | { kind: 'unreachable'; text: string }
  | { kind: 'agent-answered' }
  | { kind: 'tick'; at: number }
  /** The unit is no longer active; `result` is systemd's word, `success` when QEMU ended by itself and cleanly. */
  | { kind: 'ended'; at: number; result: string }

/** What follows the end of the console. */
export type EndAction =
  | { kind: 'power-off' }
  | { kind: 'reboot-host' }
  | { kind: 'relaunch'; afterSeconds: number }
  /** `text` is the sentence that the menu shows. */
  | { kind: 'recovery'; text: string }
  /** Somebody on the host stopped the console: nothing follows. */
  | { kind: 'leave' }

export type WatchdogAction =
  | EndAction
  | { kind: 'wait' }
  /** The console is healthy: clear the attempts, bless the boot. */
  | { kind: 'bless' }
  /** The guest's power button is to be pressed. `bless`: it is healthy by the same sign, as above. */
  | { kind: 'shut-down'; bless: boolean }
  | { kind: 'kill' }
