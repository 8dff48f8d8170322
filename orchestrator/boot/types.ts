import { oneLine } from '../host/errors.ts'

const reasonCodes = [
  'kernel-argument',
  'next-boot',
  'boot-key',
  'keyboard-lost',
  'no-cartridge',
  'failed-starts',
  'invalid-config',
  'data-unavailable',
  'no-passthrough',
  'start-failed',
  'crash-loop',
  'cannot-reset',
  'cannot-try',
  'no-kvm',
  'menu-request',
  'normal',
] as const

/** Why a boot went where it went. `code` is stable; `text` is the sentence that the menu shows. */
export type Reason = {
  code: (typeof reasonCodes)[number]
  text: string
}

/** What this boot will do, and why. `waitedMs`: milliseconds for which the decision waited for a key; absent where the boot failed before. */
export type BootIntent = { intent: 'desktop' | 'recovery'; reason: Reason; waitedMs?: number }

/** A reason read from a file, or null when it is none. Its text goes to terminals: control characters are dropped. */
export function asReason(value: unknown): Reason | null {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('text' in value)) return null
  const code = reasonCodes.find((known) => known === value.code)
  if (!code || typeof value.text !== 'string') return null
  const text = oneLine(value.text).slice(0, 500)
  return text ? { code, text } : null
}
