import { join } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { listFolder, readAttribute, type WriteAttribute, writeAttribute } from './sysfs.ts'

/** What drew on the firmware's framebuffer before it was released. */
export type ReleasedFramebuffer = {
  /** Text consoles, for example `vtcon1`. */
  consoles: string[]
  /** Platform devices and their drivers, for example `simple-framebuffer.0` on `simple-framebuffer`. */
  platform: { driver: string; device: string }[]
}

/** Drivers of the firmware framebuffer: efifb, vesafb, simplefb and simpledrm (the last two share one name). */
const firmwareDrivers = ['efi-framebuffer', 'simple-framebuffer', 'simpledrm', 'sysfb', 'vesa-framebuffer']

/** What holds the firmware framebuffer at the moment. */
export function findFramebuffer(machine: Machine): ReleasedFramebuffer {
  const { sys } = machine.paths
  const consoles = listFolder(join(sys, 'class/vtconsole')).filter((name) => {
    const folder = join(sys, 'class/vtconsole', name)
    const draws = (readAttribute(join(folder, 'name')) ?? '').includes('frame buffer')
    return draws && readAttribute(join(folder, 'bind')) === '1'
  })
  const platform = firmwareDrivers.flatMap((driver) =>
    listFolder(join(sys, 'bus/platform/drivers', driver))
      .filter((name) => /^[a-z-]+\.\d+$/.test(name))
      .map((device) => ({ driver, device })),
  )
  return { consoles, platform }
}

/**
 * Takes the text console and the firmware framebuffer drivers off the GPU, so that nothing writes into its memory
 * once it belongs to the console. Throws what the kernel answers.
 */
export function releaseFramebuffer(
  machine: Machine,
  found: ReleasedFramebuffer,
  write: WriteAttribute = writeAttribute,
): void {
  const { sys } = machine.paths
  for (const name of found.consoles) write(join(sys, 'class/vtconsole', name, 'bind'), '0')
  for (const { driver, device } of found.platform) {
    write(join(sys, 'bus/platform/drivers', driver, 'unbind'), device)
  }
}

/** Gives the screen back to the host as far as the kernel still knows the firmware framebuffer. Never throws. */
export function restoreFramebuffer(
  machine: Machine,
  released: ReleasedFramebuffer,
  write: WriteAttribute = writeAttribute,
): void {
  const { sys } = machine.paths
  const attempt = (path: string, value: string) => {
    try {
      write(path, value)
    } catch {
      // vfio-pci removes the firmware framebuffer for good; `hostCanDraw` tells whether the screen came back.
    }
  }
  for (const { driver, device } of released.platform) {
    attempt(join(sys, 'bus/platform/drivers', driver, 'bind'), device)
  }
  for (const name of released.consoles) attempt(join(sys, 'class/vtconsole', name, 'bind'), '1')
}

/** False when the host has no framebuffer left to show a menu on; only a restart brings the screen back then. */
export function hostCanDraw(machine: Machine): boolean {
  const { sys } = machine.paths
  const graphics = listFolder(join(sys, 'class/graphics')).filter((name) => /^fb\d+$/.test(name))
  const cards = listFolder(join(sys, 'class/drm')).filter((name) => /^card\d+$/.test(name))
  return graphics.length + cards.length > 0
}
