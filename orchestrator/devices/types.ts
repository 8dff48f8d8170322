/** One PCI function as sysfs shows it. Every value may be missing on a real machine. */
export type PciDevice = {
  /** `domain:bus:device.function`, for example `0000:03:00.0`. */
  address: string
  /** The 24-bit class code: base class, subclass, programming interface. */
  class: number
  /** Four hexadecimal digits, as in `10de`. */
  vendor: string
  device: string
  driver: string | null
  iommuGroup: string | null
  /** Ways in which the kernel can reset the function; empty when it cannot. */
  resetMethods: string[]
  /** A PCI-to-PCI bridge (class 0604): it may share a group with what is given away and is never given itself. */
  bridge: boolean
  /** The firmware drew its picture with this device. */
  bootVga: boolean
  /** Why the host cannot do without it, as the rest of a sentence that starts with "stays:"; null when it can. */
  neededFor: string | null
}

export type Topology = {
  /** False when the kernel has no IOMMU groups: nothing can be given away safely. */
  iommu: boolean
  devices: PciDevice[]
}

export type PlannedDevice = {
  address: string
  description: string
  given: boolean
  /** Why it is given or stays, one plain sentence. */
  reason: string
  display: boolean
  iommuGroup: string | null
}

/** Which devices the console gets and why; given devices stand in the order in which the console sees them. */
export type PassthroughPlan =
  | { kind: 'passthrough'; reason: null; devices: PlannedDevice[] }
  | { kind: 'none'; reason: string; devices: PlannedDevice[] }
