import type { PlannedDevice } from '../devices/index.ts'

/**
 * `-device` arguments that give PCI devices to the guest. The functions of one slot stay together as one multifunction
 * device, because their drivers look for each other, and each slot gets a PCIe root port of its own
 * (https://www.qemu.org/docs/master/system/devices/vfio.html, docs/pcie.txt in QEMU's source).
 * A GPU in `withoutRom` gets `rombar=0`.
 */
export function passthroughArguments(devices: PlannedDevice[], withoutRom: ReadonlySet<string>): string[] {
  const slots = Map.groupBy(devices, (device) => device.address.slice(0, -2))
  return [...slots.values()].flatMap((functions, index) => {
    const port = `port${index + 1}`
    const rootPort = `pcie-root-port,id=${port},bus=pcie.0,chassis=${index + 1},slot=${index + 1}`
    return ['-device', rootPort, ...slotArguments(functions, port, withoutRom)]
  })
}

function slotArguments(functions: PlannedDevice[], port: string, withoutRom: ReadonlySet<string>): string[] {
  const sorted = functions.toSorted((a, b) => functionNumber(a) - functionNumber(b))
  const hasFirst = functionNumber(sorted[0]) === 0
  // The guest looks for further functions only behind a function 0.
  return sorted
    .map((device, index) => {
      const number = hasFirst ? functionNumber(device) : index
      const multifunction = number === 0 && sorted.length > 1 ? ',multifunction=on' : ''
      const rom = withoutRom.has(device.address) ? ',rombar=0' : ''
      return `vfio-pci,host=${device.address},bus=${port},addr=00.${number}${multifunction}${rom}`
    })
    .flatMap((argument) => ['-device', argument])
}

function functionNumber(device: PlannedDevice | undefined): number {
  return Number(device?.address.at(-1))
}
