import { join } from 'node:path'

/** The places inside one cartridge's folder. */
export function layout(folder: string) {
  return {
    folder,
    /** JSON `{ uuid, created, title?, note?, freeze?, reset?, golden? }`. */
    description: join(folder, 'cartridge.json'),
    /** Symlink `states/NNNN`. */
    present: join(folder, 'present'),
    states: join(folder, 'states'),
    snapshots: join(folder, 'snapshots'),
    /** The second disk, in no state and no snapshot: going back and resetting leave it alone. May be absent. */
    data: join(folder, 'data.raw'),
  } as const
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
