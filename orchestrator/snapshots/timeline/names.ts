/** Whether a folder of this name can be shown as a snapshot, and looked for. */
export { isSnapshotName as isPossibleName } from '../../cartridges/index.ts'

import type { SnapshotKind } from '../kinds.ts'

/** The name of a new snapshot; a second one in the same second is called `-2`. `taken`: names that are in use. */
export function snapshotName(at: Date, kind: SnapshotKind, taken: (name: string) => boolean): string {
  const first = `${at.toISOString().slice(0, 19)}Z-${kind}`
  let name = first
  for (let count = 2; taken(name); count++) name = `${first}-${count}`
  return name
}
