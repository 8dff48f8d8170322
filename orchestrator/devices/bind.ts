import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { runOrThrow } from '../host/process.ts'
import { type Bound, readBound, writeBound } from './bound.ts'
import { findFramebuffer, releaseFramebuffer } from './framebuffer.ts'
import { giveBack } from './give-back.ts'
import { linkName, listFolder, type WriteAttribute, writeAttribute } from './sysfs.ts'
import type { PassthroughPlan, PlannedDevice } from './types.ts'
import { consoleUser } from './user.ts'

/**
 * Takes every given device of the plan from its driver and binds it to vfio-pci by address
 * (https://docs.kernel.org/driver-api/vfio.html, `driver_override`), then lets QEMU's user open the IOMMU groups.
 * GPUs come last, so that the host keeps its screen for as long as anything else may still fail. What is about to be
 * touched is on record in `paths.bound` first. When one device fails, all are given back in reverse order and a
 * DeskvisorError `bind-failed` names the device and the reason.
 */
export async function bindDevices(
  machine: Machine,
  plan: PassthroughPlan,
  write: WriteAttribute = writeAttribute,
): Promise<void> {
  const given = plan.devices.filter((device) => device.given)
  const bound = readBound(machine)
  let step = 'vfio-pci'
  try {
    const user = consoleUser(machine)
    await loadDriver(machine)
    for (const device of screenLast(given)) {
      step = `${device.description} at ${device.address}`
      if (device.display) takeScreen(machine, bound, write)
      bindDevice(machine, device, bound, write)
    }
    step = 'IOMMU groups'
    for (const group of new Set(given.map((device) => device.iommuGroup))) {
      chownSync(join(machine.paths.dev, 'vfio', String(group)), user.uid, user.gid)
    }
  } catch (error) {
    giveBack(machine, {}, write)
    throw new DeskvisorError(
      'bind-failed',
      `A device could not be given to the desktop (${step}): ${sentenceOf(error)}`,
      { cause: error, hint: 'Keep the device with the host by [passthrough] keep in deskvisor.toml.' },
    )
  }
}

async function loadDriver(machine: Machine): Promise<void> {
  const drivers = join(machine.paths.sys, 'bus/pci/drivers/vfio-pci')
  if (listFolder(drivers).length > 0) return
  await runOrThrow('modprobe', ['-a', 'vfio-pci', 'vfio_iommu_type1'])
}

function takeScreen(machine: Machine, bound: Bound, write: WriteAttribute): void {
  const found = findFramebuffer(machine)
  if (found.consoles.length + found.platform.length === 0) return
  bound.framebuffer.consoles.push(...found.consoles)
  bound.framebuffer.platform.push(...found.platform)
  writeBound(machine, bound)
  releaseFramebuffer(machine, found, write)
}

function bindDevice(machine: Machine, device: PlannedDevice, bound: Bound, write: WriteAttribute): void {
  const pci = join(machine.paths.sys, 'bus/pci')
  const folder = join(pci, 'devices', device.address)
  const driver = linkName(join(folder, 'driver'))
  // After a guest reboot the GPU is still bound; what is on record about it stays true.
  if (!bound.devices.some(({ address }) => address === device.address)) {
    bound.devices.push({ address: device.address, driver, display: device.display })
    writeBound(machine, bound)
  }
  if (driver === 'vfio-pci') return
  write(join(folder, 'driver_override'), 'vfio-pci\n')
  if (driver !== null) write(join(folder, 'driver/unbind'), device.address)
  write(join(pci, 'drivers_probe'), device.address)
  const now = linkName(join(folder, 'driver'))
  if (now !== 'vfio-pci') {
    throw new Error(`vfio-pci did not take it; ${now === null ? 'it has no driver now' : `${now} holds it`}.`)
  }
}

function screenLast(devices: PlannedDevice[]): PlannedDevice[] {
  return [...devices.filter(({ display }) => !display), ...devices.filter(({ display }) => display)]
}
