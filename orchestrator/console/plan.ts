import type { Config } from '../config/index.ts'
import {
  hasReadableRom,
  type PassthroughPlan,
  planPassthrough,
  readTopology,
  type Topology,
  withoutKvm,
} from '../devices/index.ts'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { prepareKvm } from './files.ts'
import { readMachine } from './machine.ts'
import { consoleMemoryMib } from './memory.ts'

/** What the console gets of this machine, whatever it plays. */
export type ConsolePlan = {
  machine: Machine
  config: Config
  passthrough: PassthroughPlan
  /** Addresses of given GPUs whose ROM cannot be read. */
  withoutRom: string[]
  kvm: boolean
  cpus: number
  memoryMib: number
}

/**
 * Decides what the console gets, and changes nothing. The plan for the devices is in `paths.plan` afterwards, whatever happens.
 * Throws DeskvisorError when there can be no start: `no-kvm`, `no-passthrough`, `not-enough-memory`, `unknown-machine`.
 */
export async function planConsole(machine: Machine, config: Config): Promise<ConsolePlan> {
  const topology = readTopology(machine)
  const kvm = await prepareKvm(machine)
  const passthrough = planPassthrough(topology, config, { kvm })
  const withoutRom = devicesWithoutRom(machine, topology, passthrough)
  writeFileAtomic(machine.paths.plan, `${JSON.stringify({ ...passthrough, withoutRom }, null, 2)}\n`)
  expectPossible(config, passthrough, kvm)
  const has = readMachine(machine)
  // Of several emulated processors all but the first sometimes never start on a busy machine, and the guest waits for them.
  const cpus = kvm ? has.cpus : 1
  const memoryMib = consoleMemoryMib(has.memoryMib, config.console.memory_reserve_mib, cpus)
  return { machine, config, passthrough, withoutRom, kvm, cpus, memoryMib }
}

function expectPossible(config: Config, plan: PassthroughPlan, kvm: boolean): void {
  if (!kvm && config.console.without_kvm !== 'emulate') {
    throw new DeskvisorError('no-kvm', withoutKvm, {
      hint: 'Switch on VT-x or AMD-V (SVM) in the firmware setup. To try Deskvisor without, very slowly, set [console] without_kvm = "emulate" in deskvisor.toml.',
    })
  }
  if (kvm && plan.kind === 'none' && config.console.without_gpu !== 'emulated') {
    throw new DeskvisorError('no-passthrough', plan.reason, {
      hint: 'Set [console] without_gpu = "emulated" in deskvisor.toml to start with an emulated display.',
    })
  }
}

/**
 * The ROM is looked at while the host still has the card: vfio-pci puts an idle one to sleep, so for a card that stayed with
 * vfio-pci over a guest reboot the last answer is taken.
 */
function devicesWithoutRom(machine: Machine, topology: Topology, plan: PassthroughPlan): string[] {
  if (plan.kind === 'none') return []
  const { withoutRom: lastAnswer } = asObject(readJson(machine.paths.plan))
  const cards = plan.devices.filter((device) => device.given && device.display)
  const lacksRom = (address: string) => {
    const device = topology.devices.find((candidate) => candidate.address === address)
    if (device?.driver === 'vfio-pci' && Array.isArray(lastAnswer)) return lastAnswer.includes(address)
    return !hasReadableRom(machine, address)
  }
  return cards.map(({ address }) => address).filter(lacksRom)
}
