import { join } from 'node:path'

/** The places inside one cartridge's folder. */
export type Layout = {
  folder: string
  /** JSON `{ uuid, created, title?, note?, freeze?, reset?, golden? }`. */
  description: string
  /** Symlink `states/NNNN`. */
  presentLink: string
  states: string
  snapshots: string
  /** One JSON file a snapshot, for what may change about it or was measured; snapshots/timeline/notes.ts. */
  timeline: string
  /** What is being tried; snapshots/try/try-record.ts. */
  trying: string
  /** The second disk, in no state and no snapshot: going back and resetting leave it alone. May be absent. */
  data: string
}

export function layout(folder: string): Layout {
  return {
    folder,
    description: join(folder, 'cartridge.json'),
    presentLink: join(folder, 'present'),
    states: join(folder, 'states'),
    snapshots: join(folder, 'snapshots'),
    timeline: join(folder, 'timeline'),
    trying: join(folder, 'try.json'),
    data: join(folder, 'data.raw'),
  }
}

/** The files of one state or snapshot. */
export function stateFiles(state: string) {
  return {
    disk: join(state, 'disk.raw'),
    uefiVars: join(state, 'uefi-vars.fd'),
    /** A folder; may be absent. */
    tpm: join(state, 'tpm'),
    /** JSON `{ created, from? }`. */
    description: join(state, 'state.json'),
  } as const
}
