import type { Config } from '../config/index.ts'
import { DeskvisorError } from '../host/errors.ts'

/** A desktop below this is not worth starting. */
const leastMib = 512

/**
 * Memory of the console in MiB, an even number: all of `totalMib` but the reserve and what QEMU needs beside the
 * guest's memory: page tables (1/512), 8 MiB for each of `cpus` virtual processors and 30 MiB for itself, as measured
 * by people who pass devices through. With VFIO all of it is pinned, so the host never gets any back.
 * `reserve` is in MiB; `auto` is 512 below 16 GiB and 1024 from there. Throws `not-enough-memory`.
 */
export function consoleMemoryMib(
  totalMib: number,
  reserve: Config['console']['memory_reserve_mib'],
  cpus = 1,
): number {
  const reserveMib = reserve === 'auto' ? (totalMib < 16 * 1024 ? 512 : 1024) : reserve
  const shared = totalMib - reserveMib - 8 * cpus - 30
  const memory = 2 * Math.floor((shared * 512) / 513 / 2)
  if (memory >= leastMib) return memory
  throw new DeskvisorError(
    'not-enough-memory',
    `The desktop would get ${Math.max(0, memory)} MiB of memory, but needs at least ${leastMib}: ` +
      `the machine has ${totalMib} MiB, of which ${reserveMib} stay with the host.`,
    { next: { do: 'edit-config', text: 'Lower {setting}, or add memory.', setting: 'memory_reserve_mib' } },
  )
}
