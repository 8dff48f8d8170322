import { realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { listFolder, readAttribute } from './sysfs.ts'

/**
 * The PCI controllers that disks hang on, as address → reason. A disk on USB counts only when the host uses it
 * (mounted, swap, or part of a mapped device, RAID or btrfs); when that cannot be told, every disk counts.
 */
export function hostDisks(machine: Machine): Map<string, string> {
  const folder = join(machine.paths.sys, 'class/block')
  const used = usedByName(machine)
  const needed = new Map<string, string>()
  for (const name of listFolder(folder)) {
    const device = resolved(join(folder, name))
    const address = device.match(/[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g)?.at(-1)
    if (address === undefined) continue
    const inUse = used === null || used.has(name) || used.has(readAttribute(join(folder, name, 'dev')) ?? '')
    const held = listFolder(join(folder, name, 'holders')).length > 0
    if (device.includes('/usb') && !inUse && !held) continue
    const attached = device.includes('/usb') ? 'the host uses the USB disk' : 'it carries the disk'
    if (!needed.has(address)) needed.set(address, `${attached} ${name}`)
  }
  return needed
}

/** Names (`sda1`) and numbers (`8:1`) of what is mounted or swapped to; null when the kernel does not say. */
function usedByName(machine: Machine): Set<string> | null {
  const { proc, sys } = machine.paths
  const mounts = readAttribute(join(proc, 'self/mountinfo'))
  if (mounts === null) return null
  const used = new Set<string>()
  // proc_pid_mountinfo(5): the third field is major:minor; after " - " come type, source, options.
  for (const line of mounts.split('\n')) {
    used.add(line.split(' ')[2] ?? '')
    const source = (line.split(' - ')[1] ?? '').split(' ')[1] ?? ''
    if (source.startsWith('/')) used.add(basename(resolved(source)))
  }
  for (const line of (readAttribute(join(proc, 'swaps')) ?? '').split('\n')) {
    used.add(basename(line.split(/\s/)[0] ?? ''))
  }
  // A mounted btrfs has an anonymous number, and only one of its devices is named as the source.
  for (const id of listFolder(join(sys, 'fs/btrfs'))) {
    for (const name of listFolder(join(sys, 'fs/btrfs', id, 'devices'))) used.add(name)
  }
  used.delete('')
  return used
}

function resolved(path: string): string {
  try {
    // The C library does this in one call; Node itself looks at each folder above, which shows on the way to the desktop.
    return realpathSync.native(path)
  } catch {
    return path
  }
}
