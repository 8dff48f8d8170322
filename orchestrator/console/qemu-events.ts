import type { QmpEvent } from './qmp.ts'
import type { WatchdogEvent } from './watchdog-types.ts'

/** https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html: SHUTDOWN, WATCHDOG, GUEST_PANICKED; null for the others. */
export function asWatchdogEvent({ event, data }: QmpEvent): WatchdogEvent | null {
  switch (event) {
    case 'SHUTDOWN':
      return { kind: 'shutdown-reported', guest: data.guest === true, reason: asText(data.reason) }
    case 'WATCHDOG':
      return { kind: 'hang' }
    case 'GUEST_PANICKED':
      return { kind: 'panic' }
    default:
      return null
  }
}

/** Whether QEMU says that the guest stands still, or is about to: STOP, and BLOCK_IO_ERROR for a write that found no space. */
export function tellsStandstill({ event }: QmpEvent): boolean {
  return event === 'STOP' || event === 'BLOCK_IO_ERROR'
}

/** What an object would say for itself may throw, so only text counts. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown'
}
