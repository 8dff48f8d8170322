import { className } from './describe.ts'
import type { PciDevice } from './types.ts'

// What a device is, by its class code: PCI Code and ID Assignment Specification, base class and subclass.
export const baseClass = (device: Pick<PciDevice, 'class'>) => device.class >> 16
export const subclass = (device: PciDevice) => device.class >> 8
export const isDisplay = (device: Pick<PciDevice, 'class'>) => baseClass(device) === 0x03
export const isSound = (device: PciDevice) => subclass(device) === 0x0403 || subclass(device) === 0x0401
export const isUsb = (device: PciDevice) => subclass(device) === 0x0c03
export const slotOf = (device: PciDevice) => device.address.slice(0, -2)

/** Plain memory and host bridges without a driver do nothing on their own and do not stop the kernel from giving their group. */
export function isPassive(device: PciDevice): boolean {
  return device.driver === null && (baseClass(device) === 0x05 || subclass(device) === 0x0600)
}

/** Name of a device's class inside a sentence: `SATA controller` and `USB controller` keep their capitals. */
export function nameInSentence({ class: code }: PciDevice): string {
  const name = className(code)
  return /^[A-Z][a-z]/.test(name) && !name.startsWith('NVMe')
    ? name.charAt(0).toLowerCase() + name.slice(1)
    : name
}
