import type { Socket } from 'node:net'

/** Connects to a Unix socket. What Node needs for that is loaded by the first call, which comes after the start of QEMU. */
export function connectTo(path: string): Socket {
  return process.getBuiltinModule('node:net').connect(path)
}
