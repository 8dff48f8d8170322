import type { Config } from '../config/index.ts'
import { className } from './describe.ts'
import type { PassthroughPlan, PciDevice, PlannedDevice, Topology } from './types.ts'

type Verdict = { given: boolean; reason: string }

/**
 * Decides which PCI devices the console gets. Everything of a GPU's IOMMU group goes with the GPU; sound goes when it
 * is alone in its group; USB controllers when they are alone, can be reset and carry nothing that the host needs.
 * All else stays. Without one GPU to give the plan has kind `none` and a sentence that says why.
 */
export function planPassthrough(topology: Topology, config: Pick<Config, 'passthrough'>): PassthroughPlan {
  const devices = topology.devices.filter((device) => !device.bridge)
  const verdicts = new Map<string, Verdict>()
  const context = { devices, keep: config.passthrough.keep.map((name) => name.toLowerCase()) }
  const obstacle = giveGraphics(topology, context, verdicts)
  for (const device of devices) {
    if (!verdicts.has(device.address)) {
      verdicts.set(device.address, obstacle === null ? judge(device, context) : staysWithoutGraphics(device))
    }
  }
  const planned = inConsoleOrder(devices).map((device) => plannedDevice(device, verdicts.get(device.address)))
  return obstacle === null
    ? { kind: 'passthrough', reason: null, devices: planned }
    : { kind: 'none', reason: obstacle, devices: planned }
}

type Context = { devices: PciDevice[]; keep: string[] }

/** Gives every GPU that can be given, with its group. Returns why there is none, or null when there is one. */
function giveGraphics(topology: Topology, context: Context, verdicts: Map<string, Verdict>): string | null {
  const graphics = inConsoleOrder(context.devices).filter(isDisplay)
  if (graphics.length === 0) return 'This machine has no graphics card that the desktop could get.'
  if (!topology.iommu) {
    return 'The IOMMU is off or missing, so no device can be given to the desktop. Switch on VT-d or AMD-Vi in the firmware setup.'
  }
  let firstObstacle: string | null = null
  let given = 0
  for (const card of graphics) {
    const obstacle = graphicsObstacle(card, context)
    if (obstacle !== null) {
      firstObstacle ??= `The graphics card ${card.address} cannot be given to the desktop: ${obstacle}.`
      verdicts.set(card.address, { given: false, reason: `It stays with the host: ${obstacle}.` })
      continue
    }
    given += 1
    for (const member of groupOf(card, context).filter((device) => !isPassive(device))) {
      const reason = isDisplay(member)
        ? 'The desktop draws with it.'
        : `It shares IOMMU group ${card.iommuGroup} with the graphics card ${card.address}.`
      verdicts.set(member.address, { given: true, reason })
    }
  }
  return given > 0 ? null : firstObstacle
}

function graphicsObstacle(card: PciDevice, context: Context): string | null {
  if (card.iommuGroup === null) return 'it has no IOMMU group'
  for (const member of groupOf(card, context)) {
    const obstacle = mustStay(member, context)
    if (obstacle === null) continue
    if (member === card) return obstacle
    const name = `${lowerFirst(className(member.class))} ${member.address}`
    return `its IOMMU group ${card.iommuGroup} also holds the ${name}, which must stay with the host (${obstacle})`
  }
  return null
}

/** Why a device can never leave the host, whatever shares its group; null when it may. */
function mustStay(device: PciDevice, context: Context): string | null {
  if (isKept(device, context.keep)) return 'deskvisor.toml keeps it'
  if (device.neededFor !== null) return device.neededFor
  if (baseClass(device) === 0x01) return 'disks belong to the host'
  if (baseClass(device) === 0x06 && (device.driver !== null || subclass(device) === 0x0601)) {
    return 'it is part of the mainboard'
  }
  if (baseClass(device) === 0x02 && !hasOtherNetwork(device, context)) return 'it is the only network device'
  return null
}

/** The verdict for what is not in a GPU's group. */
function judge(device: PciDevice, context: Context): Verdict {
  const stays = (reason: string) => ({ given: false, reason: `It stays with the host: ${reason}.` })
  const obstacle = mustStay(device, context)
  if (obstacle !== null) return stays(obstacle)
  if (!isSound(device) && !isUsb(device)) return stays('the desktop does not need it')
  if (device.iommuGroup === null) return stays('it has no IOMMU group')
  const other = groupOf(device, context).find((member) => member !== device && !isPassive(member))
  if (other !== undefined) {
    return stays(
      `it shares IOMMU group ${device.iommuGroup} with the ${lowerFirst(className(other.class))} ${other.address}`,
    )
  }
  if (isSound(device)) return { given: true, reason: 'The desktop plays sound with it.' }
  if (device.resetMethods.length === 0) return stays('it cannot be reset')
  return { given: true, reason: 'Keyboard, mouse and what is plugged into it belong to the desktop.' }
}

function staysWithoutGraphics(device: PciDevice): Verdict {
  const reason =
    isDisplay(device) || isSound(device) || isUsb(device)
      ? 'there is no passthrough'
      : 'the desktop does not need it'
  return { given: false, reason: `It stays with the host: ${reason}.` }
}

function plannedDevice(device: PciDevice, verdict: Verdict | undefined): PlannedDevice {
  return {
    address: device.address,
    description: `${className(device.class)} (${device.vendor}:${device.device})`,
    given: verdict?.given ?? false,
    reason: verdict?.reason ?? 'It stays with the host.',
    display: isDisplay(device),
    iommuGroup: device.iommuGroup,
  }
}

/** The card that the firmware drew on comes first, with the other functions of its slot, so the guest draws there too. */
function inConsoleOrder(devices: PciDevice[]): PciDevice[] {
  const first = devices.find((device) => isDisplay(device) && device.bootVga)
  const rank = (device: PciDevice) => {
    if (first !== undefined && slotOf(device) === slotOf(first)) return 0
    return isDisplay(device) ? 1 : 2
  }
  return devices.toSorted((a, b) => rank(a) - rank(b) || (a.address < b.address ? -1 : 1))
}

function groupOf(device: PciDevice, context: Context): PciDevice[] {
  return context.devices.filter((other) => other.iommuGroup === device.iommuGroup)
}

function hasOtherNetwork(device: PciDevice, context: Context): boolean {
  return context.devices.some((other) => baseClass(other) === 0x02 && other.iommuGroup !== device.iommuGroup)
}

function isKept(device: PciDevice, keep: string[]): boolean {
  return keep.includes(device.address) || keep.includes(`${device.vendor}:${device.device}`)
}

/** Plain memory and host bridges without a driver do nothing on their own and do not stop the kernel from giving their group. */
function isPassive(device: PciDevice): boolean {
  return device.driver === null && (baseClass(device) === 0x05 || subclass(device) === 0x0600)
}

const baseClass = (device: PciDevice) => device.class >> 16
const subclass = (device: PciDevice) => device.class >> 8
const isDisplay = (device: PciDevice) => baseClass(device) === 0x03
const isSound = (device: PciDevice) => subclass(device) === 0x0403 || subclass(device) === 0x0401
const isUsb = (device: PciDevice) => subclass(device) === 0x0c03
const slotOf = (device: PciDevice) => device.address.slice(0, -2)

/** A class name inside a sentence: `SATA controller` and `USB controller` keep their capitals. */
function lowerFirst(name: string): string {
  return /^[A-Z][a-z]/.test(name) && !name.startsWith('NVMe')
    ? name.charAt(0).toLowerCase() + name.slice(1)
    : name
}
