import { isPlain, shown } from '../host/plain-text.ts'
import { readJsonObject, unusable } from './checks.ts'

/** What cartridge.json says. */
export type Description = {
  uuid: string
  /** Null when it has none of its own. */
  title: string | null
  note: string
  /** ISO time; null when unknown. */
  created: string | null
  freeze: boolean
  reset: 'every-start' | null
  golden: string | null
}

export const maxTitleLength = 100
export const maxNoteLength = 1000
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** A folder's name may have 255 bytes; its notes are called the same with `.json`, and are written beside first. */
const maxSnapshotBytes = 200

/**
 * Reads a cartridge.json. A title or note of the wrong kind is left out, but what decides which state is started is
 * believed or refused: a machine that returns to its golden snapshot must not silently stop doing so.
 * Throws DeskvisorError `no-cartridge`.
 */
export function readDescription(path: string, title: string): Description {
  const what = `cartridge.json of ${title}`
  const about = readJsonObject(path, what)
  const { uuid, reset = null, golden = null } = about
  if (typeof uuid !== 'string' || !uuidPattern.test(uuid)) throw unusable(`${what} has no valid uuid.`)
  if (reset !== null && reset !== 'every-start') throw unusable(`${what} has no valid reset.`)
  if (golden !== null && !isSnapshotName(golden)) throw unusable(`${what} has no valid golden.`)
  return {
    uuid: uuid.toLowerCase(),
    title: text(about.title, maxTitleLength) || null,
    note: text(about.note, maxNoteLength),
    created: text(about.created, 40) || null,
    freeze: about.freeze !== false,
    reset,
    golden,
  }
}

/** Whether a folder of this name can be a snapshot; it becomes a path below snapshots/. */
export function isSnapshotName(name: unknown): name is string {
  return typeof name === 'string' && fitsAsSnapshot(name) && Buffer.byteLength(name) <= maxSnapshotBytes
}

/** What a person may have called a snapshot's folder by hand: anything that is one name, not hidden, and safe to show. */
function fitsAsSnapshot(name: string): boolean {
  return isPlain(name) ? /^[^/.][^/]*$/.test(name) : fitsWithoutControls(name)
}

function fitsWithoutControls(name: string): boolean {
  return /^[^\p{C}/.][^\p{C}/]*$/u.test(name)
}

function text(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? shown(value.trim(), maxLength) : ''
}
