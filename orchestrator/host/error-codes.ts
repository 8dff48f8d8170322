/** What a command ends with, and what the daemon answers with. */
type Statuses = {
  /** Exit status: 2 for wrong input, 3 when output cannot be written, else 1. */
  exit: 1 | 2 | 3
  /** HTTP (RFC 9110, 15): wrong input 4xx, a refusal of the machine 409, what nobody can do anything about 500. */
  http: number
}

const refused: Statuses = { exit: 1, http: 409 }
const wrong: Statuses = { exit: 2, http: 400 }
const missing: Statuses = { exit: 2, http: 404 }
const broken: Statuses = { exit: 1, http: 500 }

/** Every code that a DeskvisorError can have. They are stable: scripts match them. */
export const errorCodes = {
  'agent-refused': refused,
  'agent-silent': refused,
  'already-served': refused,
  'bad-description': wrong,
  'bad-disk': wrong,
  'bad-file': wrong,
  'bad-name': wrong,
  'bad-request': wrong,
  'bad-root': wrong,
  'bad-size': wrong,
  'bad-usage': wrong,
  'being-tried': wrong,
  'bind-failed': refused,
  busy: refused,
  cancelled: refused,
  'cannot-reset': refused,
  'cannot-try': refused,
  'cartridge-damaged': refused,
  'cartridge-not-named': wrong,
  'cartridge-unusable': refused,
  'command-failed': refused,
  'console-does-not-end': refused,
  'daemon-gone': refused,
  'desktop-not-started': refused,
  'disk-error': broken,
  'export-failed': refused,
  'file-exists': wrong,
  golden: wrong,
  'golden-needed': refused,
  'guest-does-not-end': refused,
  'half-done': refused,
  'import-failed': refused,
  'in-use': refused,
  'insert-failed': refused,
  internal: broken,
  interrupted: refused,
  'job-elsewhere': refused,
  'name-taken': wrong,
  'native-unusable': refused,
  'no-cartridge': refused,
  'no-console-user': refused,
  'no-data-disk': wrong,
  'no-firmware': refused,
  'no-golden': refused,
  'no-kvm': refused,
  'no-passthrough': refused,
  'no-resources': broken,
  'no-space': refused,
  'no-such-cartridge': missing,
  'no-such-job': missing,
  'no-such-operation': missing,
  'no-such-snapshot': missing,
  'not-allowed': { exit: 1, http: 403 },
  'not-enough-memory': refused,
  'not-in-trash': wrong,
  'not-paused': refused,
  'not-this-machine': refused,
  'nothing-to-undo': refused,
  'nothing-tried': refused,
  'output-failed': { exit: 3, http: 409 },
  'qmp-closed': refused,
  'qmp-command': refused,
  'qmp-garbage': refused,
  'qmp-silent': refused,
  'qmp-unreachable': refused,
  'read-only': refused,
  'resets-every-start': refused,
  'snapshot-damaged': refused,
  'socket-unusable': refused,
  'start-failed': refused,
  'store-unusable': refused,
  'system-error': broken,
  'timeline-failed': refused,
  'timeline-unusable': refused,
  'too-large': { exit: 2, http: 413 },
  'too-many-connections': { exit: 1, http: 503 },
  'tool-failed': refused,
  'tool-missing': refused,
  'trash-not-empty': refused,
  'try-pending': refused,
  'unknown-machine': refused,
} as const satisfies Record<string, Statuses>

export type ErrorCode = keyof typeof errorCodes

/** A code that came from elsewhere, perhaps from another version of this program. */
export function asErrorCode(code: unknown): ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal'
}
