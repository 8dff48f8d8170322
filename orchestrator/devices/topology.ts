import { join } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { hostDisks } from './host-disks.ts'
import { isDisplay } from './kinds.ts'
import { linkName, listFolder, readAttribute } from './sysfs.ts'
import type { PciDevice, Topology } from './types.ts'

const address = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/

/**
 * Reads the PCI devices of the machine from sysfs. Never throws: what sysfs does not say is null, empty
 * or zero. Attributes: https://docs.kernel.org/admin-guide/abi-testing.html (sysfs-bus-pci).
 */
export function readTopology(machine: Machine): Topology {
  const folder = join(machine.paths.sys, 'bus/pci/devices')
  const neededFor = hostDisks(machine)
  const devices = listFolder(folder)
    .filter((name) => address.test(name))
    .map((name) => readDevice(join(folder, name), name, neededFor.get(name) ?? null))
  const groups = listFolder(join(machine.paths.sys, 'kernel/iommu_groups'))
  return { iommu: groups.length > 0 || devices.some((device) => device.iommuGroup !== null), devices }
}

function readDevice(folder: string, name: string, neededFor: string | null): PciDevice {
  const code = hexadecimal(readAttribute(join(folder, 'class')))
  const bridge = code >> 8 === 0x0604
  return {
    address: name,
    class: code,
    vendor: identifier(readAttribute(join(folder, 'vendor'))),
    device: identifier(readAttribute(join(folder, 'device'))),
    driver: linkName(join(folder, 'driver')),
    iommuGroup: groupNumber(linkName(join(folder, 'iommu_group'))),
    // Asked only of what is judged by it; each question for what is not there shows on the way to the desktop.
    resetMethods: bridge ? [] : words(readAttribute(join(folder, 'reset_method'))),
    bridge,
    bootVga: isDisplay({ class: code }) && readAttribute(join(folder, 'boot_vga')) === '1',
    neededFor,
  }
}

function words(text: string | null): string[] {
  return (text ?? '').split(/\s+/).filter(Boolean)
}

function hexadecimal(text: string | null): number {
  return text !== null && /^0x[0-9a-f]{1,6}$/i.test(text) ? Number.parseInt(text, 16) : 0
}

function identifier(text: string | null): string {
  return hexadecimal(text).toString(16).padStart(4, '0')
}

/** Group names are numbers; anything else would end up in file names and unit properties. */
function groupNumber(text: string | null): string | null {
  return text !== null && /^\d{1,9}$/.test(text) ? text : null
}
