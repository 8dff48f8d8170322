import type { Cartridge } from '../cartridges/index.ts'
import type { Config } from '../config/index.ts'
import {
  bindDevices,
  consoleUser,
  consoleUserName,
  giveBack,
  hasReadableRom,
  type PassthroughPlan,
  planPassthrough,
  readTopology,
  type Topology,
  withoutKvm,
} from '../devices/index.ts'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError } from '../host/errors.ts'
import { recordPlaying } from '../host/last-played.ts'
import { monotonicSeconds } from '../host/monotonic.ts'
import { paths } from '../host/paths.ts'
import { type BootPicture, prepareBootPicture } from './boot-picture.ts'
import { ownCartridge, prepareKvm, prepareRunFolder } from './files.ts'
import { launch } from './launch.ts'
import { readMachine } from './machine.ts'
import { consoleMemoryMib } from './memory.ts'
import { nameServers } from './name-servers.ts'
import { ovmfCode, qemuArguments } from './qemu-arguments.ts'
import { readRecord, writeRecord } from './record.ts'
import { hasTpm, startTpm } from './tpm.ts'
import { started } from './watchdog.ts'

export type ConsoleOptions = { root: string; config: Config; cartridge: Cartridge }

/**
 * Plans the devices, takes them from the host and starts the console with the cartridge; resolves once QEMU answers.
 * The plan is in `paths.plan` afterwards, whatever happens. On failure everything is given back and a DeskvisorError
 * says why: `no-passthrough`, `not-enough-memory`, `cartridge-unusable`, `no-kvm`, `bind-failed`, `start-failed`.
 */
export async function startConsole({ root, config, cartridge }: ConsoleOptions): Promise<void> {
  const topology = readTopology(root)
  const kvm = await prepareKvm(root)
  const plan = planPassthrough(topology, config, { kvm })
  const withoutRom = devicesWithoutRom(root, topology, plan)
  writeFileAtomic(paths(root).plan, `${JSON.stringify({ ...plan, withoutRom }, null, 2)}\n`)
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
  const machine = readMachine(root)
  // Of several emulated processors all but the first sometimes never start on a busy machine, and the guest waits for them.
  const cpus = kvm ? machine.cpus : 1
  const memoryMib = consoleMemoryMib(machine.memoryMib, config.console.memory_reserve_mib, cpus)
  const user = consoleUser(root)
  ownCartridge(cartridge, user)
  prepareRunFolder(root, user)
  const bootPicture = prepareBootPicture(root)
  // It comes up while the devices are bound.
  const tpm = hasTpm(cartridge) ? startTpm(cartridge, consoleUserName, paths(root)) : null
  tpm?.catch(() => {})
  try {
    if (plan.kind === 'passthrough') await bindDevices(root, plan)
    const { on_guest_reboot: onGuestReboot } = config.console
    const { free_floor_gib: freeFloor } = config.snapshots
    writeRecord(root, started(readRecord(root), monotonicSeconds(), onGuestReboot, freeFloor))
    recordPlaying(root, cartridge)
    await tpm
    await launchConsole({ root, cartridge, plan, withoutRom, memoryMib, cpus, kvm, bootPicture })
    writeRecord(root, { ...readRecord(root), running: true })
  } catch (error) {
    releaseDevices(root)
    throw error
  }
}

/** Gives every device back to the host; safe to call when none was taken. */
export function releaseDevices(root: string): void {
  giveBack(root)
}

/**
 * Addresses of given GPUs whose ROM cannot be read. It is looked at while the host still has the card: vfio-pci puts an
 * idle one to sleep, so for a card that stayed with vfio-pci over a guest reboot the last answer is taken.
 */
function devicesWithoutRom(root: string, topology: Topology, plan: PassthroughPlan): string[] {
  if (plan.kind === 'none') return []
  const last = readJson(paths(root).plan)
  const lastAnswer =
    typeof last === 'object' && last !== null && 'withoutRom' in last ? last.withoutRom : null
  const cards = plan.devices.filter((device) => device.given && device.display)
  const lacksRom = (address: string) => {
    const device = topology.devices.find((candidate) => candidate.address === address)
    if (device?.driver === 'vfio-pci' && Array.isArray(lastAnswer)) return lastAnswer.includes(address)
    return !hasReadableRom(root, address)
  }
  return cards.map(({ address }) => address).filter(lacksRom)
}

async function launchConsole(console: {
  root: string
  cartridge: Cartridge
  plan: PassthroughPlan
  withoutRom: string[]
  memoryMib: number
  cpus: number
  kvm: boolean
  bootPicture: BootPicture
}): Promise<void> {
  const { root, cartridge, plan } = console
  const places = paths(root)
  const devices = plan.devices.filter((device) => device.given)
  const groups = new Set(devices.flatMap(({ iommuGroup }) => (iommuGroup === null ? [] : [iommuGroup])))
  await launch({
    user: consoleUserName,
    groups: [...groups],
    sees: {
      writable: [
        cartridge.disk,
        cartridge.uefiVars,
        ...(cartridge.dataDisk === null ? [] : [cartridge.dataDisk]),
        places.consoleRun,
      ],
      readable: [console.bootPicture.logo, nameServers(root)].filter((path) => path !== null),
    },
    qmp: places.qmp,
    systemd: places.systemd,
    command: [
      '/usr/bin/qemu-system-x86_64',
      ...qemuArguments({
        ...console,
        devices,
        withoutRom: new Set(console.withoutRom),
        tpm: hasTpm(cartridge),
        paths: places,
        ovmf: ovmfCode,
      }),
    ],
  })
}
