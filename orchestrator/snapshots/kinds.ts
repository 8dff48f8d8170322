/** Why a snapshot was taken. The contract and its generator read it here, and the menu what a name tells, so this file imports nothing. */
export const snapshotKinds = [
  'boot',
  'hourly',
  'daily',
  'manual',
  'before-rollback',
  'before-update',
] as const

export type SnapshotKind = (typeof snapshotKinds)[number]

/** Kinds that a timer or the guest asks for: they are of what the desktop plays then, and nobody looks after what they leave. */
export function isTakenByItself(kind: SnapshotKind): boolean {
  return kind === 'hourly' || kind === 'daily' || kind === 'before-update'
}

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
