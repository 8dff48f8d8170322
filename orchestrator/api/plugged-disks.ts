import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { readTextOr } from '../host/atomic.ts'
import { oneLine } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

export type Partition = {
  name: string
  path: string
  /** Where it is mounted already, below our own folder of media. */
  mountPoint: string | undefined
}

export type PluggedDisk = { path: string; model: string; bytes: number; partitions: Partition[] }

/**
 * Disks on USB or with removable media that nobody uses: nothing of them is mounted outside of /run/deskvisor/media, swapped
 * to, or held by a mapped device. Read from sysfs and procfs.
 */
export function pluggedDisks(machine: Machine): PluggedDisk[] {
  const folder = join(machine.paths.sys, 'class/block')
  const inUse = usage(machine)
  return listFolder(folder).flatMap((name) => {
    const disk = join(folder, name)
    const bytes = Number(attribute(join(disk, 'size'))) * 512
    if (!isPlugged(disk) || !(bytes > 0)) return []
    const numbered = listFolder(disk).filter((entry) => attribute(join(disk, entry, 'partition')) !== '')
    const parts = [name, ...numbered].map((entry) => {
      const place = entry === name ? disk : join(disk, entry)
      return { name: entry, held: listFolder(join(place, 'holders')).length > 0, ...inUse(place, entry) }
    })
    if (parts.some(({ held, used }) => held || used)) return []
    const partitions = (numbered.length > 0 ? parts.slice(1) : parts).map(({ name, mountPoint }) => ({
      name,
      path: join(machine.paths.dev, name),
      mountPoint,
    }))
    return [{ path: join(machine.paths.dev, name), model: modelOf(disk, name), bytes, partitions }]
  })
}

/** A whole disk (sysfs-block: only partitions have the file `partition`) that can be pulled out. */
function isPlugged(disk: string): boolean {
  if (attribute(join(disk, 'partition')) !== '') return false
  // Only what hangs on a bus has a device: loop devices, RAM disks and mapped devices have none.
  if (listFolder(join(disk, 'device')).length === 0) return false
  return attribute(join(disk, 'removable')) === '1' || resolved(disk).includes('/usb')
}

/** proc_pid_mountinfo(5): the third field is major:minor, the fifth where it is mounted. */
function usage(machine: Machine) {
  const { proc, run } = machine.paths
  const media = join(run, 'media')
  const mounts = readTextOr(join(proc, 'self/mountinfo'), '')
    .split('\n')
    .map((line) => line.split(' '))
  const swaps = readTextOr(join(proc, 'swaps'), '')
    .split('\n')
    .map((line) => line.split(/\s/)[0] ?? '')
  return (place: string, name: string): { used: boolean; mountPoint: string | undefined } => {
    const number = attribute(join(place, 'dev'))
    const points = mounts
      .filter((fields) => number !== '' && fields[2] === number)
      .map((fields) => fields[4] ?? '')
    const swapped = swaps.some((swap) => swap.endsWith(`/${name}`))
    return {
      used: swapped || points.some((point) => !point.startsWith(`${media}/`)),
      mountPoint: points.find((point) => point.startsWith(`${media}/`)),
    }
  }
}

function modelOf(disk: string, name: string): string {
  const words = [attribute(join(disk, 'device/vendor')), attribute(join(disk, 'device/model'))]
  return oneLine(words.join(' ')).slice(0, 60) || name
}

function attribute(path: string): string {
  return readTextOr(path, '', 4096).trim()
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
