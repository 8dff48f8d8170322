import { type SnapshotKind, snapshotKinds } from './types.ts'

const pattern = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)-(${snapshotKinds.join('|')})(?:-(\\d{1,6}))?$`,
)
/** What a person may have called a folder by hand: anything that is one name, and safe to show. */
const anyName = /^[^\p{C}/.][^\p{C}/]*$/u
/** A folder's name may have 255 bytes; its notes are called the same with `.json`, and are written beside first. */
const maxBytes = 200

/** Kind and time that a snapshot's name tells; null for a name that was not given by `snapshotName`. */
export function parseName(name: string): { kind: SnapshotKind; takenAt: string; count: number } | null {
  const [, time = '', kind, count = '1'] = pattern.exec(name) ?? []
  const known = snapshotKinds.find((candidate) => candidate === kind)
  if (known === undefined || Number.isNaN(Date.parse(time))) return null
  return { kind: known, takenAt: new Date(time).toISOString(), count: Number(count) }
}

/** Whether a folder of this name can be shown as a snapshot, and looked for. */
export function isPossibleName(name: string): boolean {
  return anyName.test(name) && Buffer.byteLength(name) <= maxBytes
}

/** The name of a new snapshot; a second one in the same second is called `-2`. `taken`: names that are in use. */
export function snapshotName(at: Date, kind: SnapshotKind, taken: (name: string) => boolean): string {
  const first = `${at.toISOString().slice(0, 19)}Z-${kind}`
  let name = first
  for (let count = 2; taken(name); count++) name = `${first}-${count}`
  return name
}
