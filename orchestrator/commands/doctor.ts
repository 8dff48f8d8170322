import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, loadConfig } from '../config/index.ts'
import { consoleMemoryMib } from '../console/index.ts'
import { readTextOr } from '../host/atomic.ts'
import { missingDevices } from '../host/btrfs-devices.ts'
import { sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import type { CommandInput } from './description.ts'
import { writtenSize } from './sizes.ts'

export type Check = {
  name: string
  result: 'ok' | 'warning' | 'problem'
  text: string
  advice: string | null
}

/** Exit status 1 when something stands in the way of a desktop. */
export default async function doctor({ machine, options, stdout }: CommandInput): Promise<number> {
  // Another tree does not say what its computer is called.
  const checks = [...(machine.live ? await computer() : []), ...examine(machine)]
  const marks = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' }
  const lines = checks.map(
    ({ name, result, text, advice }) =>
      `${marks[result]}${name}: ${text}\n${advice ? `        ${advice}\n` : ''}`,
  )
  stdout.write(options.json === true ? `${JSON.stringify(checks, null, 2)}\n` : lines.join(''))
  return checks.some(({ result }) => result === 'problem') ? 1 : 0
}

/** What people call it. */
async function computer(): Promise<Check[]> {
  const { readComputer } = await import('./computer.ts')
  const { name, firmware, processor, disks } = await readComputer()
  const named = [
    { name: 'Computer', text: name },
    { name: 'Firmware version', text: firmware },
    { name: 'Processor', text: processor },
    ...disks.map((disk) => ({ name: 'Disk', text: `${disk.name}, ${writtenSize(disk.bytes)}` })),
  ]
  return named.filter(({ text }) => text !== '').map((what) => ({ ...what, result: 'ok', advice: null }))
}

/** Looks at sysfs and procfs; changes nothing. */
export function examine(machine: Machine): Check[] {
  const { config } = loadConfig(machine)
  return [
    virtualisation(machine, config),
    iommu(machine),
    memory(machine, config),
    firmware(machine),
    ...dataPartition(machine),
    ...loopback(machine),
  ]
}

function virtualisation(machine: Machine, { console: { without_kvm: otherwise } }: Config): Check {
  const name = 'CPU virtualisation'
  const flags =
    /^flags\s*:(.*)$/m.exec(readTextOr(join(machine.paths.proc, 'cpuinfo'), ''))?.[1]?.split(' ') ?? []
  const kind = flags.includes('svm') ? 'AMD SVM' : flags.includes('vmx') ? 'Intel VT-x' : undefined
  if (!kind) {
    const advice = 'Switch on "SVM" or "Intel Virtualization Technology" in the firmware setup.'
    const missing = 'neither AMD SVM nor Intel VT-x is there'
    if (otherwise === 'emulate') {
      const text = `${missing}; the desktop's processor is emulated, which is many times slower`
      return { name, result: 'warning', text, advice }
    }
    const text = `${missing}, so the desktop cannot start`
    const orTry =
      'To try Deskvisor without, very slowly: [console] without_kvm = "emulate" in deskvisor.toml.'
    return { name, result: 'problem', text, advice: `${advice} ${orTry}` }
  }
  return { name, result: 'ok', text: kind, advice: null }
}

function iommu(machine: Machine): Check {
  const name = 'IOMMU'
  const groups = entries(join(machine.paths.sys, 'kernel/iommu_groups')).length
  if (groups > 0) return { name, result: 'ok', text: `${groups} groups`, advice: null }
  const advice =
    'Switch on "IOMMU", "AMD-Vi" or "VT-d" in the firmware setup; on Intel the kernel argument intel_iommu=on is needed too.'
  return { name, result: 'problem', text: 'no IOMMU group is there, so no device can be given away', advice }
}

/** 4 GiB leave a desktop with 3.5 GiB; 8 GiB is what today's desktops ask for. A problem is only what keeps any desktop from starting. */
function memory(machine: Machine, { console: { memory_reserve_mib: reserve } }: Config): Check {
  const name = 'Memory'
  const found = /^MemTotal:\s+(\d+) kB$/m.exec(readTextOr(join(machine.paths.proc, 'meminfo'), ''))
  if (!found) return { name, result: 'problem', text: 'the amount is unknown', advice: null }
  const gibibytes = Number(found[1]) / 1_048_576
  const text = `${gibibytes.toFixed(1)} GiB`
  // Firmware and kernel keep some of what is built in for themselves.
  const tooLittle = whyTooLittle(Number(found[1]) / 1024, reserve)
  if (tooLittle)
    return { name, result: 'problem', text: `${text}, so the desktop cannot start`, advice: tooLittle }
  if (gibibytes < 3.5) {
    const advice = "Enough for a small system. One of today's needs a machine with at least 4 GiB."
    return { name, result: 'warning', text, advice }
  }
  if (gibibytes < 7) return { name, result: 'warning', text, advice: 'Desktops run well from 8 GiB on.' }
  return { name, result: 'ok', text, advice: null }
}

/** What keeps the VM from being started (console/memory.ts), and null when nothing does. */
function whyTooLittle(totalMib: number, reserve: Config['console']['memory_reserve_mib']): string | null {
  try {
    consoleMemoryMib(Math.floor(totalMib), reserve)
    return null
  } catch (error) {
    return sentenceOf(error)
  }
}

function firmware(machine: Machine): Check {
  const name = 'Firmware'
  const efi = join(machine.paths.sys, 'firmware/efi')
  if (entries(efi).length > 0) return { name, result: 'ok', text: 'UEFI', advice: null }
  return {
    name,
    result: 'problem',
    text: 'not started by UEFI',
    advice: 'Switch off "Legacy" or "CSM" in the firmware setup.',
  }
}

/** Said only when something is wrong with it. */
function dataPartition(machine: Machine): Check[] {
  const missing = missingDevices(machine.paths.data, machine.paths.sys)
  if (missing === 0) return []
  const text = missing === 1 ? 'one of its disks is missing' : `${missing} of its disks are missing`
  const advice = 'Everything works, but the next broken disk takes all of it: see btrfs-replace(8).'
  return [{ name: 'Data partition', result: 'warning', text, advice }]
}

/** Said only when something is wrong with it: what IPAddressDeny= of QEMU's unit needs, without which systemd starts it all the same. */
function loopback(machine: Machine): Check[] {
  const symbols = readTextOr(join(machine.paths.proc, 'kallsyms'), '', 64 * 2 ** 20)
  if (symbols === '' || /\b__cgroup_bpf_run_filter_skb$/m.test(symbols)) return []
  const text = 'the desktop can reach services that listen on this computer for itself alone (127.0.0.1, ::1)'
  const advice = 'Use a kernel with CONFIG_CGROUP_BPF, or let no such service trust whoever reaches it.'
  return [{ name: 'Network of the desktop', result: 'warning', text, advice }]
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
