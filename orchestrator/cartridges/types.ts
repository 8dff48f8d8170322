/** A cartridge as the console needs it: where its present state is. All paths are absolute. */
export type Cartridge = {
  name: string
  /** What people call it; the name unless cartridge.json says otherwise. */
  title: string
  /** UUID that the console shows to the guest as its SMBIOS identity. */
  uuid: string
  /** Folder of the present state (the symlink resolved). */
  state: string
  disk: string
  uefiVars: string
}
