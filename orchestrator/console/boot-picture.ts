import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBytes, readTextOr } from '../host/atomic.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { bootLogo, type LogoPlace, largestLogo } from './boot-logo.ts'
import { escapeCommas } from './escape-commas.ts'

/** What the console shows until the desktop draws: files for QEMU; boot-picture/boot-picture.c says what is done with them. */
export type BootPicture = {
  /** The option ROM; without it the firmware's own logo and words are shown. */
  rom: string | null
  /** The PC's own logo; without one the screen stays black. */
  logo: string | null
}

/** A source of randomness for the guest. Every console has one, so it carries the option ROM. */
export function randomnessAndBootPicture({ rom, logo }: BootPicture): string[] {
  if (rom === null) return ['-device', 'virtio-rng-pci']
  const device = ['-device', `virtio-rng-pci,romfile=${escapeCommas(rom)}`]
  return logo === null
    ? device
    : [...device, '-fw_cfg', `name=opt/org.deskvisor/boot-logo,file=${escapeCommas(logo)}`]
}

/**
 * Looks for both, and puts the logo where QEMU's user can read it. Never fails: a PC without a logo, or with a damaged one, is
 * an ordinary PC, and no desktop is to be missed for a picture.
 */
export function prepareBootPicture(machine: Machine): BootPicture {
  const rom = join(machine.root, 'usr/share/deskvisor/boot-picture.rom')
  if (!existsSync(rom)) return { rom: null, logo: null }
  const { bootLogo: file } = machine.paths
  // Once the desktop had the graphics card, nobody tells the size of the screen any more: its first start's picture stays.
  if (existsSync(file) && readScreen(machine) === null) return { rom, logo: file }
  const logo = readBootLogo(machine)
  if (logo === null) return { rom, logo }
  try {
    writeFileSync(file, logo, { mode: 0o644 })
    return { rom, logo: file }
  } catch (error) {
    log.warning(`The computer's boot logo will not be shown: ${sentenceOf(error)}`)
    return { rom, logo: null }
  }
}

/** https://docs.kernel.org/admin-guide/abi-testing.html, /sys/firmware/acpi/bgrt */
export function readBootLogo(machine: Machine): Buffer | null {
  const bgrt = join(machine.paths.sys, 'firmware/acpi/bgrt')
  const [x, y] = ['xoffset', 'yoffset'].map((name) => wholeNumber(readTextOr(join(bgrt, name), '')))
  if (x === undefined || y === undefined) return null
  try {
    const bmp = readBytes(join(bgrt, 'image'), { maxBytes: largestLogo })
    return bootLogo(bmp, { x, y, screen: readScreen(machine) })
  } catch {
    return null
  }
}

/** The screen that the firmware left to Linux, such as `1920,1080`; `null` when no driver tells. */
function readScreen(machine: Machine): LogoPlace['screen'] {
  const text = readTextOr(join(machine.paths.sys, 'class/graphics/fb0/virtual_size'), '')
  const [width, height] = text.split(',').map(wholeNumber)
  return width && height ? { width, height } : null
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,5}\s*$/.test(text) ? Number(text) : undefined
}
