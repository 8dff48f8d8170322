import { readJson, writeFileAtomic } from '../host/atomic.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { asEnding } from './endings.ts'
import { firstState } from './watchdog.ts'
import type { EndAction, WatchdogState } from './watchdog-types.ts'

/** The longest wait before a start that a record is believed, in seconds. */
const longestWaitSeconds = 30

/** What the last watchdog of this boot wrote down. Whatever is missing or strange takes its first value. */
export function readRecord(machine: Machine): WatchdogState {
  const record = asObject(readJson(machine.paths.watchdog))
  return {
    starts: count(record.starts),
    crashes: count(record.crashes),
    crashTimes: Array.isArray(record.crashTimes) ? record.crashTimes.filter(Number.isFinite).slice(-10) : [],
    lastCrash: typeof record.lastCrash === 'string' ? record.lastCrash : null,
    backOff: Math.min(longestWaitSeconds, Math.max(firstState.backOff, count(record.backOff))),
    healthy: record.healthy === true,
    startedAt: count(record.startedAt),
    running: record.running === true,
    ending: asEnding(record.ending),
    asked: typeof record.asked === 'number' ? count(record.asked) : null,
    due: asEndAction(record.due),
    freeFloor: typeof record.freeFloor === 'number' ? count(record.freeFloor) : 'auto',
    onGuestReboot: record.onGuestReboot === 'reboot-host' ? 'reboot-host' : 'relaunch',
  }
}

export function writeRecord(machine: Machine, state: WatchdogState): void {
  writeFileAtomic(machine.paths.watchdog, `${JSON.stringify(state, null, 2)}\n`)
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}

function asEndAction(value: unknown): EndAction | null {
  const { kind, afterSeconds, text } = asObject(value)
  if (kind === 'power-off' || kind === 'reboot-host') return { kind }
  if (kind === 'relaunch') return { kind, afterSeconds: Math.min(longestWaitSeconds, count(afterSeconds)) }
  if (kind === 'recovery' && typeof text === 'string') return { kind, text: text.slice(0, 500) }
  return null
}
