import { join } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { type BoundDevice, readBound, writeBound } from './bound.ts'
import { restoreFramebuffer } from './framebuffer.ts'
import { linkName, type WriteAttribute, writeAttribute } from './sysfs.ts'

/**
 * Gives bound devices back to the host's drivers, last bound first, and with the display the firmware framebuffer too.
 * Tolerant: a device that refuses or went away does not stop the others.
 * `exceptDisplay` leaves GPUs with vfio-pci, because a GPU that a guest used may not come back.
 */
export function giveBack(
  machine: Machine,
  options: { exceptDisplay?: boolean } = {},
  write: WriteAttribute = writeAttribute,
): void {
  const bound = readBound(machine)
  const kept = bound.devices.filter((device) => options.exceptDisplay === true && device.display)
  for (const device of bound.devices.toReversed()) {
    if (!kept.includes(device)) giveDeviceBack(machine, device, write)
  }
  if (options.exceptDisplay !== true) {
    restoreFramebuffer(machine, bound.framebuffer, write)
    bound.framebuffer = { consoles: [], platform: [] }
  }
  writeBound(machine, { devices: kept, framebuffer: bound.framebuffer })
}

function giveDeviceBack(machine: Machine, device: BoundDevice, write: WriteAttribute): void {
  const pci = join(machine.paths.sys, 'bus/pci')
  const folder = join(pci, 'devices', device.address)
  const attempt = (path: string, value: string) => {
    try {
      write(path, value)
    } catch {
      // The next step may still help, and so may the next device.
    }
  }
  // An empty line clears the override (sysfs-bus-pci, driver_override).
  attempt(join(folder, 'driver_override'), '\n')
  if (linkName(join(folder, 'driver')) === 'vfio-pci') attempt(join(folder, 'driver/unbind'), device.address)
  if (linkName(join(folder, 'driver')) === null) attempt(join(pci, 'drivers_probe'), device.address)
}
