import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../host/machine.ts'

/** The controller's status port and data port (IBM PC AT; kernel: drivers/input/serio/i8042.h). */
const [statusPort, dataPort] = [0x64, 0x60]
/** Bits of the status: a byte waits to be read; it is the mouse's. */
const [byteWaits, fromMouse] = [0x01, 0x20]
/** Nothing answers on a port of this value. */
const nobody = 0xff
/** A controller that still has bytes after so many is none. */
const mostBytes = 1000

/**
 * True when a key was held while the kernel looked for the PS/2 keyboard, and the kernel gave the keyboard up for it.
 *
 * Linux throws away at most 16 bytes before it talks to the controller (i8042_flush); when more come it says "No
 * controller found" and never looks again. A virtual PC's keyboard keeps 16 bytes of a held key, so one more that comes
 * in that moment is enough. What came since still waits in the controller, where nobody else will read it.
 */
export function keyboardWasLost(machine: Machine): boolean {
  if (existsSync(join(machine.paths.sys, 'bus/platform/drivers/i8042'))) return false
  try {
    const ports = openSync(join(machine.paths.dev, 'port'), 'r')
    try {
      return keysWait((port) => readPort(ports, port))
    } finally {
      closeSync(ports)
    }
  } catch {
    // No such device, or the kernel is locked down.
    return false
  }
}

/** True when the controller holds bytes of its keyboard; they are read away. `read` reads a byte of an I/O port. */
export function keysWait(read: (port: number) => number): boolean {
  let keys = 0
  for (let bytes = 0; bytes < mostBytes; bytes++) {
    const status = read(statusPort)
    if (status === nobody) return false
    if ((status & byteWaits) === 0) return keys > 0
    read(dataPort)
    if ((status & fromMouse) === 0) keys++
  }
  return false
}

function readPort(ports: number, port: number): number {
  const byte = Buffer.alloc(1, nobody)
  readSync(ports, byte, 0, 1, port)
  return byte[0] ?? nobody
}
