import type { Cartridge } from '../cartridges/index.ts'
import { bindDevices, consoleUser, consoleUserName, giveBack } from '../devices/index.ts'
import { monotonicSeconds } from '../host/clock.ts'
import { recordPlaying } from '../host/last-played.ts'
import type { Machine } from '../host/machine.ts'
import { type BootPicture, prepareBootPicture } from './boot-picture.ts'
import { ownCartridge, prepareRunFolder } from './files.ts'
import { launch } from './launch.ts'
import { nameServers } from './name-servers.ts'
import type { ConsolePlan } from './plan.ts'
import { ovmfCode, qemuArguments } from './qemu-arguments.ts'
import { readRecord, writeRecord } from './record.ts'
import { hasTpm, startTpm } from './tpm.ts'
import { started } from './watchdog.ts'

/** A console that has everything it needs from this machine. */
export type BoundConsole = {
  plan: ConsolePlan
  cartridge: Cartridge
  bootPicture: BootPicture
  /** Its TPM is coming up meanwhile; null without one. */
  tpm: Promise<void> | null
}

/**
 * Takes the planned devices from the host, and gives QEMU's user what it plays. On failure everything is given back and a
 * DeskvisorError says why: `cartridge-unusable`, `bind-failed`.
 */
export async function bindConsole(plan: ConsolePlan, cartridge: Cartridge): Promise<BoundConsole> {
  const { machine, passthrough } = plan
  const user = consoleUser(machine)
  ownCartridge(cartridge, user)
  prepareRunFolder(machine, user)
  const bootPicture = prepareBootPicture(machine)
  // It comes up while the devices are bound.
  const tpm = hasTpm(cartridge) ? startTpm(machine, cartridge, consoleUserName) : null
  tpm?.catch(() => {})
  await givingBackOnFailure(machine, async () => {
    if (passthrough.kind === 'passthrough') await bindDevices(machine, passthrough)
  })
  return { plan, cartridge, bootPicture, tpm }
}

/** Starts QEMU; resolves once it answers. On failure everything is given back; throws DeskvisorError `start-failed`. */
export async function launchConsole(bound: BoundConsole): Promise<void> {
  const { plan, cartridge, tpm } = bound
  const { machine, config } = plan
  await givingBackOnFailure(machine, async () => {
    const { on_guest_reboot: onGuestReboot } = config.console
    const { free_floor_gib: freeFloor } = config.snapshots
    writeRecord(
      machine,
      started(readRecord(machine), monotonicSeconds(machine.clock), onGuestReboot, freeFloor),
    )
    recordPlaying(machine, cartridge)
    await tpm
    await launchQemu(bound)
    writeRecord(machine, { ...readRecord(machine), running: true })
  })
}

async function givingBackOnFailure(machine: Machine, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    giveBack(machine)
    throw error
  }
}

async function launchQemu({ plan, cartridge, bootPicture }: BoundConsole): Promise<void> {
  const { machine, passthrough, withoutRom } = plan
  const places = machine.paths
  const devices = passthrough.devices.filter((device) => device.given)
  const groups = new Set(devices.flatMap(({ iommuGroup }) => (iommuGroup === null ? [] : [iommuGroup])))
  await launch(machine, {
    user: consoleUserName,
    groups: [...groups],
    sees: {
      writable: [
        cartridge.disk,
        cartridge.uefiVars,
        ...(cartridge.dataDisk === null ? [] : [cartridge.dataDisk]),
        places.consoleRun,
      ],
      readable: [bootPicture.logo, nameServers(machine)].filter((path) => path !== null),
    },
    command: [
      '/usr/bin/qemu-system-x86_64',
      ...qemuArguments({
        cartridge,
        devices,
        withoutRom: new Set(withoutRom),
        memoryMib: plan.memoryMib,
        cpus: plan.cpus,
        kvm: plan.kvm,
        tpm: hasTpm(cartridge),
        paths: places,
        ovmf: ovmfCode,
        bootPicture,
      }),
    ],
  })
}
