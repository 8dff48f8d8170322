import type { Config } from '../config/index.ts'
import { className } from './describe.ts'
import { isDisplay, isPassive, nameInSentence, slotOf } from './kinds.ts'
import type { PassthroughPlan, PciDevice, PlannedDevice, Topology } from './types.ts'
import { type Context, groupOf, judge, mustStay, staysWithoutGraphics, type Verdict } from './verdict.ts'

/**
 * Decides which PCI devices the console gets. Everything of a GPU's IOMMU group goes with the GPU; sound goes when it
 * is alone in its group; USB controllers when they are alone, can be reset and carry nothing that the host needs.
 * All else stays. Without one GPU to give the plan has kind `none` and a sentence that says why. `kvm`: whether the
 * processor virtualises; a console whose processor is emulated gets no device.
 */
export function planPassthrough(
  topology: Topology,
  config: Pick<Config, 'passthrough'>,
  { kvm = true } = {},
): PassthroughPlan {
  const devices = topology.devices.filter((device) => !device.bridge)
  const verdicts = new Map<string, Verdict>()
  const context = { devices, keep: config.passthrough.keep.map((name) => name.toLowerCase()) }
  const obstacle = kvm ? giveGraphics(topology, context, verdicts) : withoutKvm
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

/** The sentence for a machine whose processor offers no virtualisation, or on which it is switched off. */
export const withoutKvm = 'The processor offers no virtualisation (/dev/kvm is missing).'

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
    const name = `${nameInSentence(member)} ${member.address}`
    return `its IOMMU group ${card.iommuGroup} also holds the ${name}, which must stay with the host (${obstacle})`
  }
  return null
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
