/** Whether a folder of this name can be shown as a snapshot, and looked for. */
export { isSnapshotName as isPossibleName } from '../../cartridges/index.ts'

import { type SnapshotKind, snapshotKinds } from '../types.ts'

const pattern = new RegExp(
  `^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)-(${snapshotKinds.join('|')})(?:-(\\d{1,6}))?$`,
)

/** `takenAt`: ISO 8601, UTC. `count`: which of the snapshots of its second, from 1. */
export type ParsedName = { kind: SnapshotKind; takenAt: string; count: number }

/** Kind and time that a snapshot's name tells; null for a name that was not given by `snapshotName`. */
export function parseName(name: string): ParsedName | null {
  const [, time = '', kind, count = '1'] = pattern.exec(name) ?? []
  const known = snapshotKinds.find((candidate) => candidate === kind)
  if (known === undefined || Number.isNaN(Date.parse(time))) return null
  return { kind: known, takenAt: new Date(time).toISOString(), count: Number(count) }
}

/** The name of a new snapshot; a second one in the same second is called `-2`. `taken`: names that are in use. */
export function snapshotName(at: Date, kind: SnapshotKind, taken: (name: string) => boolean): string {
  const first = `${at.toISOString().slice(0, 19)}Z-${kind}`
  let name = first
  for (let count = 2; taken(name); count++) name = `${first}-${count}`
  return name
}
