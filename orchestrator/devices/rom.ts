import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { type WriteAttribute, writeAttribute } from './sysfs.ts'

/**
 * True when the device has an option ROM that can be read now. The kernel serves it in the `rom` attribute after a
 * `1` was written to it (sysfs-bus-pci); an image starts with 55 AA. A card without one, or whose ROM the firmware
 * left unreadable, must be passed with `rombar=0`, or the guest's firmware runs what is not a program.
 */
export function hasReadableRom(
  machine: Machine,
  address: string,
  write: WriteAttribute = writeAttribute,
): boolean {
  const rom = join(machine.paths.sys, 'bus/pci/devices', address, 'rom')
  try {
    write(rom, '1')
  } catch {
    return false
  }
  try {
    return startsLikeRom(rom)
  } catch {
    return false
  } finally {
    try {
      write(rom, '0')
    } catch {
      // The device went away; there is nothing left to switch off.
    }
  }
}

function startsLikeRom(path: string): boolean {
  const start = Buffer.alloc(2)
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return readSync(descriptor, start, 0, 2, 0) === 2 && start.readUInt16BE() === 0x55aa
  } finally {
    closeSync(descriptor)
  }
}
