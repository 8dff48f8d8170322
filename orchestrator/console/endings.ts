/** How the console is known to end: by the guest, by somebody on the host, or by a fault (then with its sentence). */
export type Ending =
  | { kind: 'shutdown' }
  | { kind: 'reboot' }
  | { kind: 'stop' }
  /** The user logged out at monotonic second `at`: the guest was asked to shut down, and is started afresh once it has. */
  | { kind: 'logged-out'; at: number }
  | { kind: 'crash'; text: string }

/** What QEMU says when it ends; the reasons are its `ShutdownCause` (qapi/run-state.json). */
export function endingOfReport({ guest, reason }: { guest: boolean; reason: string }): Ending {
  switch (reason) {
    case 'guest-shutdown':
      return { kind: 'shutdown' }
    case 'guest-reset':
    case 'host-qmp-system-reset':
    case 'subsystem-reset':
      return { kind: 'reboot' }
    case 'host-signal':
    case 'host-qmp-quit':
    case 'host-ui':
      return { kind: 'stop' }
    case 'guest-panic':
      return { kind: 'crash', text: 'The operating system reported a fatal error of its kernel.' }
    default:
      // Older QEMU says only who asked.
      return guest ? { kind: 'shutdown' } : { kind: 'crash', text: 'The virtual machine ended by an error.' }
  }
}

/**
 * For an end that nobody heard of, neither on QMP nor from the journal: `result` is all that is left of it. A clean
 * exit counts as a guest that was shut down. The other guess, a restart, would start a computer again that somebody
 * switched off; this one at worst leaves a computer off that somebody restarted.
 */
export function endingOfUnit(result: string): Ending {
  if (result === 'success') return { kind: 'shutdown' }
  return { kind: 'crash', text: `The virtual machine ended unexpectedly (${result}).` }
}

/** An ending read from a file; null when it is none. */
export function asEnding(value: unknown): Ending | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null
  const { kind, text, at } = value as { kind: unknown; text?: unknown; at?: unknown }
  if (kind === 'shutdown' || kind === 'reboot' || kind === 'stop') return { kind }
  if (kind === 'logged-out') return { kind, at: typeof at === 'number' ? at : 0 }
  if (kind === 'crash') return { kind, text: typeof text === 'string' ? text.slice(0, 500) : 'unknown' }
  return null
}
