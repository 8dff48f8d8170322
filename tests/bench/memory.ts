import type { Pc } from '../scenarios/pc/pc.ts'

/** KiB of a field such as `MemTotal:  2014752 kB` in /proc/meminfo or /proc/PID/status. Throws when it is not there. */
export function kibibytes(text: string, field: string): number {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`${field} is missing in: ${text.slice(0, 200)}`)
  return Number(value)
}

/**
 * KiB that are resident of the largest mapping in /proc/PID/smaps: of QEMU, that is the guest's memory. With
 * passthrough all of it is resident, because VFIO pins it.
 */
export function residentOfLargestMapping(smaps: string): number {
  const sizes = [...smaps.matchAll(/^Size:\s+(\d+) kB\n(?:\w+:.*\n)*?Rss:\s+(\d+) kB$/gm)]
  const largest = sizes.sort((a, b) => Number(b[1]) - Number(a[1]))[0]
  if (!largest) throw new Error('No mapping in smaps')
  return Number(largest[2])
}

export type HostMemory = {
  /** MiB of anonymous memory of the watchdog. */
  watchdogAnonymous: number
  /** MiB in use beside the guest's own memory. */
  besideGuest: number
  /** MiB of the guest's memory that are resident. */
  guest: number
  /** MiB of all memory that the kernel has. */
  total: number
}

/** Reads all of it in one go, so that the figures belong to the same moment. */
export async function hostMemory(pc: Pc): Promise<HostMemory> {
  const pid = (unit: string) => `$(systemctl show -P MainPID ${unit})`
  const { stdout } = await pc.shell(
    `watchdog=${pid('deskvisor-boot.service')}; qemu=${pid('deskvisor-console.service')}
cat /proc/meminfo /proc/$watchdog/status; echo ====; cat /proc/$qemu/smaps`,
    { limitS: 120 },
  )
  const [status = '', smaps = ''] = stdout.split('====\n')
  const guest = residentOfLargestMapping(smaps)
  const total = kibibytes(status, 'MemTotal')
  const used = total - kibibytes(status, 'MemAvailable')
  return {
    watchdogAnonymous: kibibytes(status, 'RssAnon') / 1024,
    besideGuest: (used - guest) / 1024,
    guest: guest / 1024,
    total: total / 1024,
  }
}
