import { join } from 'node:path'

/** The places inside one cartridge's folder; design.md, "On disk". */
export function layout(folder: string) {
  return {
    folder,
    /** JSON `{ title?, uuid, created }`. */
    description: join(folder, 'cartridge.json'),
    /** Symlink `states/NNNN`. */
    present: join(folder, 'present'),
    states: join(folder, 'states'),
  } as const
}

/** The files of one state. */
export function stateFiles(state: string) {
  return {
    disk: join(state, 'disk.raw'),
    uefiVars: join(state, 'uefi-vars.fd'),
    /** JSON `{ created }`. */
    description: join(state, 'state.json'),
  } as const
}
