import { type Ending, endingOfReport, endingOfUnit } from './endings.ts'
import { endingAfterLogOut, isLoggedOut, secondsToShutDown } from './logged-out.ts'
import { isAnswer } from './shutdown-request.ts'
import type { EndAction, WatchdogAction, WatchdogEvent, WatchdogState } from './watchdog-types.ts'

/** A minute more than the firmware waits, so that it does not restart what has just been taken for healthy. */
const healthyAfterSeconds = 360
/**
 * The firmware restarts a computer when what it started does not take over within five minutes (UEFI specification,
 * EFI_BOOT_SERVICES.SetWatchdogTimer(); edk2: EfiBootManagerBoot()). QEMU tells that as a restart by the guest.
 */
const firmwareSeconds = 300
const crashWindowSeconds = 300
const crashesForRecovery = 3
/** A guest that restarts before this, and again, waits for its next start: a computer takes about as long. */
const hastySeconds = 60
const longestBackOffSeconds = 30

export const firstState: WatchdogState = {
  starts: 0,
  crashes: 0,
  crashTimes: [],
  lastCrash: null,
  backOff: 1,
  healthy: false,
  startedAt: 0,
  running: false,
  ending: null,
  asked: null,
  due: null,
  onGuestReboot: 'relaunch',
  freeFloor: 'auto',
}

/** The state of a console that is being started at `at`; it is running once QEMU answers. */
export function started(
  state: WatchdogState,
  at: number,
  onGuestReboot: WatchdogState['onGuestReboot'],
  freeFloor: WatchdogState['freeFloor'] = 'auto',
): WatchdogState {
  const fresh = { healthy: false, running: false, ending: null, asked: null, due: null }
  return { ...state, ...fresh, starts: state.starts + 1, startedAt: at, onGuestReboot, freeFloor }
}

type Decision<Action = WatchdogAction> = { state: WatchdogState; action: Action }

/**
 * Decides what the watchdog does about an event. The first ending that becomes known is the true one: what follows
 * (QEMU killed after a hang, its socket closed) is only its consequence.
 */
export function nextAction(
  state: WatchdogState,
  event: Extract<WatchdogEvent, { kind: 'ended' }>,
): Decision<EndAction>
export function nextAction(state: WatchdogState, event: WatchdogEvent): Decision
export function nextAction(state: WatchdogState, event: WatchdogEvent): Decision {
  switch (event.kind) {
    case 'attached':
      return attached(state.running ? state : { ...state, running: true })
    case 'logged-out':
      return loggedOut(state, event)
    case 'shutdown-reported':
      return unchanged(withReport(state, event))
    case 'hang':
      return kill(state, 'The operating system stopped responding.')
    case 'panic':
      return kill(state, 'The operating system reported a fatal error of its kernel.')
    case 'unreachable':
      return kill(state, event.text)
    case 'agent-answered':
      return becomeHealthy(state)
    case 'tick':
      if (isLoggedOut(state.ending)) return switchOff(state, event.at)
      return event.at - state.startedAt >= healthyAfterSeconds ? becomeHealthy(state) : unchanged(state)
    case 'ended':
      return keepDue(afterEnd(withEnding(state, endingOfUnit(event.result)), event.at))
  }
}

function withEnding(state: WatchdogState, ending: Ending): WatchdogState {
  return state.ending === null ? { ...state, ending } : state
}

/** The last watchdog may have gone before it pressed the button, and a second press does no harm. */
function attached(state: WatchdogState): Decision {
  if (!isLoggedOut(state.ending)) return unchanged(state)
  return { state, action: { kind: 'shut-down', bless: false } }
}

/** A guest that can tell this is healthy. One that ends already needs telling nothing, so two log-outs in a row are one. */
function loggedOut(state: WatchdogState, { at, resets }: { at: number; resets: boolean }): Decision {
  if (!resets || state.ending !== null) return unchanged(state)
  return {
    state: { ...state, ending: { kind: 'logged-out', at }, healthy: true, backOff: 1 },
    action: { kind: 'shut-down', bless: !state.healthy },
  }
}

function switchOff(state: WatchdogState, at: number): Decision {
  if (!isLoggedOut(state.ending) || secondsToShutDown(state.ending, at) > 0) return unchanged(state)
  return { state, action: { kind: 'kill' } }
}

function withReport(state: WatchdogState, report: { guest: boolean; reason: string }): WatchdogState {
  if (isLoggedOut(state.ending)) return { ...state, ending: endingAfterLogOut(report.reason) }
  return withEnding(state, endingOfReport(report))
}

/** What goes wrong on the way to an end that is wanted is no crash; the guest is only switched off sooner. */
function kill(state: WatchdogState, text: string): Decision {
  if (isLoggedOut(state.ending)) return { state, action: { kind: 'kill' } }
  if (state.ending !== null) return unchanged(state)
  return { state: withEnding(state, { kind: 'crash', text }), action: { kind: 'kill' } }
}

function becomeHealthy(state: WatchdogState): Decision {
  if (state.healthy || state.ending !== null) return unchanged(state)
  return { state: { ...state, healthy: true, backOff: 1 }, action: { kind: 'bless' } }
}

/** Nothing is due after a console that somebody stopped: the next boot decides anew. */
function keepDue({ state, action }: Decision<EndAction>): Decision<EndAction> {
  return { state: { ...state, running: false, due: action.kind === 'leave' ? null : action }, action }
}

function afterEnd(before: WatchdogState, at: number): Decision<EndAction> {
  const state = { ...before, crashTimes: crashesThatCount(before, at) }
  const ending = state.ending
  if (ending === null || ending.kind === 'stop') return { state, action: { kind: 'leave' } }
  // Whoever is in front of it did not mean to switch the computer off.
  const wanted = ending.kind === 'shutdown' && !isAnswer(state.asked, at)
  if (wanted) return { state, action: { kind: 'power-off' } }
  if (ending.kind === 'crash') return afterCrash(state, at, ending.text)
  if (ending.kind === 'reboot' && isByFirmware(state, at)) return afterCrash(state, at, didNotStart)
  if (state.onGuestReboot === 'reboot-host') return { state, action: { kind: 'reboot-host' } }
  const isHasty = !state.healthy && at - state.startedAt < hastySeconds
  const afterSeconds = isHasty && state.backOff > 1 ? state.backOff : 0
  return { state: isHasty ? backOff(state) : state, action: { kind: 'relaunch', afterSeconds } }
}

const didNotStart = 'The operating system did not start within five minutes.'

/** Nothing else restarts a console without a sign of life just then. */
function isByFirmware({ healthy, asked, startedAt }: WatchdogState, at: number): boolean {
  const lasted = at - startedAt
  return !healthy && asked === null && lasted >= firmwareSeconds && lasted < healthyAfterSeconds
}

/** Those of the last five minutes; and since the console was healthy last, all: however slowly it dies, it does not work. */
function crashesThatCount({ healthy, crashTimes }: WatchdogState, at: number): number[] {
  return healthy ? crashTimes.filter((time) => at - time < crashWindowSeconds) : crashTimes
}

function afterCrash(state: WatchdogState, at: number, text: string): Decision<EndAction> {
  const crashTimes = [...state.crashTimes, at]
  const crashed = backOff({ ...state, crashes: state.crashes + 1, crashTimes, lastCrash: text })
  if (crashTimes.length < crashesForRecovery) {
    return { state: crashed, action: { kind: 'relaunch', afterSeconds: state.backOff } }
  }
  const [first = at] = crashTimes
  const how = at - first < crashWindowSeconds ? 'within five minutes' : 'before it was of any use'
  const sentence = `The desktop failed ${crashTimes.length} times ${how}. The last time: ${text}`
  return { state: crashed, action: { kind: 'recovery', text: sentence } }
}

function backOff(state: WatchdogState): WatchdogState {
  return { ...state, backOff: Math.min(longestBackOffSeconds, state.backOff * 2) }
}

function unchanged(state: WatchdogState): Decision {
  return { state, action: { kind: 'wait' } }
}
