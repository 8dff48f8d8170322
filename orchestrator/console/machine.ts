import { join } from 'node:path'
import { readTextOr } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

/** Beyond 255 processors a guest needs an emulated IOMMU for its interrupts (x2APIC identifiers). */
const mostCpus = 255

/** What the kernel says about the processors and the memory that Linux can use (MiB). Throws `unknown-machine`. */
export function readMachine(machine: Machine): { cpus: number; memoryMib: number } {
  const { sys, proc } = machine.paths
  const kibibytes = readTextOr(join(proc, 'meminfo'), '').match(/^MemTotal:\s+(\d{1,15}) kB$/m)?.[1]
  if (kibibytes === undefined) {
    throw new DeskvisorError('unknown-machine', 'The kernel does not say how much memory this machine has.')
  }
  const online = readTextOr(join(sys, 'devices/system/cpu/online'), '0')
  return {
    cpus: Math.min(mostCpus, Math.max(1, countRange(online))),
    memoryMib: Math.floor(Number(kibibytes) / 1024),
  }
}

/** The number of processors in a list such as `0-3,8-11` (https://docs.kernel.org/admin-guide/cputopology.html). */
function countRange(text: string): number {
  let count = 0
  for (const part of text.trim().split(',')) {
    const [, first, last] = part.match(/^(\d{1,5})(?:-(\d{1,5}))?$/) ?? []
    if (first !== undefined) count += Number(last ?? first) - Number(first) + 1
  }
  return count
}
