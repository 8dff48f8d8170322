import { baseClass, isDisplay, isPassive, isSound, isUsb, nameInSentence, subclass } from './kinds.ts'
import type { PciDevice } from './types.ts'

export type Verdict = { given: boolean; reason: string }

/** All devices but bridges, and what deskvisor.toml keeps with the host, in lower case. */
export type Context = { devices: PciDevice[]; keep: string[] }

/** Why a device can never leave the host, whatever shares its group; null when it may. */
export function mustStay(device: PciDevice, context: Context): string | null {
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
export function judge(device: PciDevice, context: Context): Verdict {
  const stays = (reason: string) => ({ given: false, reason: `It stays with the host: ${reason}.` })
  const obstacle = mustStay(device, context)
  if (obstacle !== null) return stays(obstacle)
  if (!isSound(device) && !isUsb(device)) return stays('the desktop does not need it')
  if (device.iommuGroup === null) return stays('it has no IOMMU group')
  const other = groupOf(device, context).find((member) => member !== device && !isPassive(member))
  if (other !== undefined) {
    return stays(
      `it shares IOMMU group ${device.iommuGroup} with the ${nameInSentence(other)} ${other.address}`,
    )
  }
  if (isSound(device)) return { given: true, reason: 'The desktop plays sound with it.' }
  if (device.resetMethods.length === 0) return stays('it cannot be reset')
  return { given: true, reason: 'Keyboard, mouse and what is plugged into it belong to the desktop.' }
}

/** The same where the desktop gets no GPU, and so nothing. */
export function staysWithoutGraphics(device: PciDevice): Verdict {
  const reason =
    isDisplay(device) || isSound(device) || isUsb(device)
      ? 'there is no passthrough'
      : 'the desktop does not need it'
  return { given: false, reason: `It stays with the host: ${reason}.` }
}

/** A device and those that can only go with it. */
export function groupOf(device: PciDevice, context: Context): PciDevice[] {
  return context.devices.filter((other) => other.iommuGroup === device.iommuGroup)
}

function hasOtherNetwork(device: PciDevice, context: Context): boolean {
  return context.devices.some((other) => baseClass(other) === 0x02 && other.iommuGroup !== device.iommuGroup)
}

function isKept(device: PciDevice, keep: string[]): boolean {
  return keep.includes(device.address) || keep.includes(`${device.vendor}:${device.device}`)
}
