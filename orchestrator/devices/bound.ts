import { rmSync } from 'node:fs'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import type { ReleasedFramebuffer } from './framebuffer.ts'

/** A device that was, or was about to be, bound to vfio-pci. */
export type BoundDevice = {
  address: string
  /** The driver it had before; null when it had none. */
  driver: string | null
  display: boolean
}

/** What must be undone to give the machine back to the host; the content of `paths.bound`. */
export type Bound = { devices: BoundDevice[]; framebuffer: ReleasedFramebuffer }

/** Reads the record of bound devices. A missing or broken record is an empty one; strange entries are left out. */
export function readBound(machine: Machine): Bound {
  const { devices, framebuffer } = asObject(readJson(machine.paths.bound))
  const { consoles, platform } = asObject(framebuffer)
  return {
    devices: asArray(devices).flatMap((entry) => {
      const { address, driver, display } = asObject(entry)
      if (typeof address !== 'string' || !/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(address))
        return []
      return [{ address, driver: typeof driver === 'string' ? driver : null, display: display === true }]
    }),
    framebuffer: {
      consoles: asArray(consoles).filter((name) => isName(name)),
      platform: asArray(platform).flatMap((entry) => {
        const { driver, device } = asObject(entry)
        return isName(driver) && isName(device) ? [{ driver, device }] : []
      }),
    },
  }
}

/** Writes the record, or removes it when nothing is bound any more. */
export function writeBound(machine: Machine, bound: Bound): void {
  const { consoles, platform } = bound.framebuffer
  if (bound.devices.length + consoles.length + platform.length === 0) {
    rmSync(machine.paths.bound, { force: true })
    return
  }
  writeFileAtomic(machine.paths.bound, `${JSON.stringify(bound, null, 2)}\n`)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+(\.\d+)?$/.test(value)
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
