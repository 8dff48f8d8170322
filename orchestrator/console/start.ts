import type { Cartridge } from '../cartridges/index.ts'
import { bindDevices, consoleUser, consoleUserName, giveBack } from '../devices/index.ts'
import { recordPlaying } from '../host/last-played.ts'
import { monotonicSeconds } from '../host/monotonic.ts'
import { paths } from '../host/paths.ts'
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
  const { root, passthrough } = plan
  const user = consoleUser(root)
  ownCartridge(cartridge, user)
  prepareRunFolder(root, user)
  const bootPicture = prepareBootPicture(root)
  // It comes up while the devices are bound.
  const tpm = hasTpm(cartridge) ? startTpm(cartridge, consoleUserName, paths(root)) : null
  tpm?.catch(() => {})
  await givingBackOnFailure(root, async () => {
    if (passthrough.kind === 'passthrough') await bindDevices(root, passthrough)
  })
  return { plan, cartridge, bootPicture, tpm }
}

/** Starts QEMU; resolves once it answers. On failure everything is given back; throws DeskvisorError `start-failed`. */
export async function launchConsole(bound: BoundConsole): Promise<void> {
  const { plan, cartridge, tpm } = bound
  const { root, config } = plan
  await givingBackOnFailure(root, async () => {
    const { on_guest_reboot: onGuestReboot } = config.console
    const { free_floor_gib: freeFloor } = config.snapshots
    writeRecord(root, started(readRecord(root), monotonicSeconds(), onGuestReboot, freeFloor))
    recordPlaying(root, cartridge)
    await tpm
    await launchQemu(bound)
    writeRecord(root, { ...readRecord(root), running: true })
  })
}

async function givingBackOnFailure(root: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    giveBack(root)
    throw error
  }
}

async function launchQemu({ plan, cartridge, bootPicture }: BoundConsole): Promise<void> {
  const { root, passthrough, withoutRom } = plan
  const places = paths(root)
  const devices = passthrough.devices.filter((device) => device.given)
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
      readable: [bootPicture.logo, nameServers(root)].filter((path) => path !== null),
    },
    qmp: places.qmp,
    systemd: places.systemd,
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
