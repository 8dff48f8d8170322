/** Why a snapshot was taken. The contract and its generator read them here, so this file imports nothing. */
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
