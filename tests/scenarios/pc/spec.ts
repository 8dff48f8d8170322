/** What a virtual PC is made of. Everything has a default: `{}` is a PC that can run the desktop. */
export type PcSpec = {
  /** MiB; 2048 unless given. */
  memoryMib?: number
  /**
   * 1 unless given: emulated processors take turns in one thread, and one that waits for another wastes its turn.
   */
  cpus?: number
  /** The system disk; a qcow2 overlay that the PC may write to. None: the firmware finds nothing to boot. */
  disk?: string
  /** Milliseconds for which the firmware waits for a key; it looks for one only once unless given. */
  keyWaitMs?: number
  /** An empty file that takes a record of every write and flush of the system disk (write-log.ts). */
  writeLog?: string
  /** Further disks, in order: `/dev/vdb`, `/dev/vdc`, … */
  extraDisks?: { file: string; format: 'raw' | 'qcow2'; readOnly?: boolean }[]
  /** `boot`: the VGA card that the firmware draws on; `second`: a display-only card on a root port. */
  gpus?: ('boot' | 'second')[]
  /** Puts the boot GPU behind one PCI bridge with this device, so that both are in one IOMMU group. */
  gpuGroupMate?: 'disk' | 'nic'
  iommu?: boolean
  nic?: boolean
  sound?: boolean
  /** USB controllers on root ports of their own; one is added anyway for USB keyboards. */
  usbControllers?: number
  /** `[]` is a PC without any keyboard, not even an i8042 controller. */
  keyboards?: ('ps2' | 'usb')[]
  tpm?: boolean
  /**
   * What the firmware shows as a PC's own logo: the handed-over form of one (maker-logo.ts), or anything else. Unless given, the
   * firmware shows its own logo and words, which no real PC does.
   */
  logo?: Uint8Array
  kernelArguments?: string[]
  /** systemd credentials by name. */
  credentials?: Record<string, string>
  /** Shows the PC's screen in a window on this computer's display. */
  window?: boolean
  /** UEFI variables to start from; a fresh copy is used. */
  uefiVars?: string
}

export type CompletePcSpec = Required<Omit<PcSpec, Optional>> & Pick<PcSpec, Optional>

type Optional = 'disk' | 'keyWaitMs' | 'writeLog' | 'gpuGroupMate' | 'uefiVars' | 'logo'

/** The spec with every default filled in. */
export function completeSpec(spec: PcSpec): CompletePcSpec {
  const keyboards = spec.keyboards ?? ['ps2']
  return {
    memoryMib: 2048,
    cpus: 1,
    extraDisks: [],
    gpus: ['boot'],
    iommu: true,
    nic: true,
    sound: true,
    tpm: false,
    window: false,
    kernelArguments: [],
    credentials: {},
    ...spec,
    keyboards,
    usbControllers: Math.max(spec.usbControllers ?? 1, keyboards.includes('usb') ? 1 : 0),
  }
}
