/** A cartridge as the console needs it: where its present state is. All paths are absolute. */
export type Cartridge = {
  name: string
  /** What people call it; the name unless cartridge.json says otherwise. */
  title: string
  /** What people wrote about it; empty when nothing. */
  note: string
  /** UUID that the console shows to the guest as its SMBIOS identity. */
  uuid: string
  /** Folder of the cartridge. */
  folder: string
  /** Folder of the present state (the symlink resolved), or of the state that was asked for. */
  state: string
  disk: string
  uefiVars: string
  /** Folder of the TPM's state; it may be absent. */
  tpm: string
  /** The disk for data, the same in every state; null when there is none. */
  dataDisk: string | null
  /** Whether the guest's filesystems are frozen for a snapshot while it runs. */
  freeze: boolean
  /** When the console goes back to the golden snapshot by itself. */
  reset: 'every-start' | null
  /** Name of the golden snapshot. */
  golden: string | null
}

/** Called with bytes of what is read; `totalBytes` is 0 when nobody can know it (a pipe). */
export type Progress = (doneBytes: number, totalBytes: number) => void
