import type { Cartridge } from '../cartridges/index.ts'
import type { PlannedDevice } from '../devices/index.ts'
import type { Paths } from '../host/paths.ts'
import { type BootPicture, randomnessAndBootPicture } from './boot-picture.ts'
import { escapeCommas } from './escape-commas.ts'
import { passthroughArguments } from './passthrough-arguments.ts'
import { control, eventLog } from './qemu-control.ts'

export type QemuMachine = {
  cartridge: Cartridge
  /** The given devices, in the order in which the guest finds them; empty for a console with an emulated display. */
  devices: PlannedDevice[]
  /** Addresses of given GPUs whose option ROM cannot be read; see `hasReadableRom`. */
  withoutRom: ReadonlySet<string>
  memoryMib: number
  cpus: number
  /** Whether the processor virtualises; else it is emulated. */
  kvm: boolean
  /** Whether a TPM listens on `paths.tpm`. */
  tpm: boolean
  paths: Pick<Paths, 'consoleRun' | 'qmp' | 'qmpTools' | 'guestAgent' | 'guestSignals' | 'tpm'>
  /** The UEFI firmware's code, without variables. */
  ovmf: string
  bootPicture: BootPicture
}

/** The firmware that Debian's `ovmf` package installs. */
export const ovmfCode = '/usr/share/OVMF/OVMF_CODE_4M.fd'

/**
 * The arguments of `qemu-system-x86_64` for the console
 * (https://www.qemu.org/docs/master/system/invocation.html). Pure: the same machine gives the same arguments.
 */
export function qemuArguments(machine: QemuMachine): string[] {
  const { devices, withoutRom } = machine
  return [
    ...identity(machine),
    ...processorAndMemory(machine),
    ...firmwareAndDisk(machine),
    ...control(machine.paths),
    ...randomnessAndBootPicture(machine.bootPicture),
    ...eventLog(),
    ...network(),
    ...(machine.tpm ? tpm(machine) : []),
    ...(devices.length > 0 ? passthroughArguments(devices, withoutRom) : emulatedDisplay(machine)),
    ...endings(),
    ...dataDisk(machine),
    '-sandbox',
    'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
  ]
}

function identity({ cartridge }: QemuMachine): string[] {
  return [
    '-name',
    `guest=${escapeCommas(cartridge.name)}`,
    '-uuid',
    cartridge.uuid,
    '-no-user-config',
    '-nodefaults',
    '-display',
    'none',
  ]
}

function processorAndMemory({ memoryMib, cpus, kvm }: QemuMachine): string[] {
  return [
    '-machine',
    // No system management mode: this firmware build does not use it, and emulating it is slow.
    `q35,${kvm ? 'accel=kvm,kernel-irqchip=on' : 'accel=tcg'},usb=off,vmport=off,smm=off,` +
      'mem-merge=off,dump-guest-core=off,pflash0=uefi-code,pflash1=uefi-vars',
    '-cpu',
    kvm ? 'host,migratable=off' : 'max',
    '-smp',
    `cpus=${cpus},sockets=1,cores=${cpus},threads=1`,
    '-m',
    `${memoryMib}M`,
    '-rtc',
    'base=utc,driftfix=slew',
    // A guest that sleeps takes passed devices to a state from which many do not wake.
    '-global',
    'ICH9-LPC.disable_s3=1',
    '-global',
    'ICH9-LPC.disable_s4=1',
  ]
}

function firmwareAndDisk({ cartridge, ovmf }: QemuMachine): string[] {
  return [
    '-blockdev',
    `driver=raw,node-name=uefi-code,read-only=on,file.driver=file,file.filename=${escapeCommas(ovmf)}`,
    '-blockdev',
    `driver=raw,node-name=uefi-vars,file.driver=file,file.filename=${escapeCommas(cartridge.uefiVars)}`,
    '-object',
    'iothread,id=disk-thread',
    '-blockdev',
    rawDisk('disk', cartridge.disk),
    '-device',
    `virtio-blk-pci,id=disk0,drive=disk,${onDiskThread},bootindex=0`,
    '-boot',
    'strict=on',
  ]
}

/**
 * A write that finds no space stops the guest instead of failing in it; the watchdog lets it go on (maintenance.ts). Any other
 * error is the guest's to hear of.
 */
const onDiskThread = 'iothread=disk-thread,write-cache=on,werror=enospc,rerror=report'

/** cache=writeback: btrfs checksums and direct I/O can report errors that are none. */
function rawDisk(node: string, file: string): string {
  return (
    `driver=raw,node-name=${node},discard=unmap,cache.direct=off,cache.no-flush=off,` +
    'file.driver=file,file.aio=threads,file.discard=unmap,file.cache.direct=off,file.cache.no-flush=off,' +
    `file.filename=${escapeCommas(file)}`
  )
}

/**
 * The last of the devices, so that none of the others moves in the guest when this one comes or goes. Without a
 * `bootindex`, which `-boot strict=on` makes one that is never booted from.
 */
function dataDisk({ cartridge }: QemuMachine): string[] {
  if (cartridge.dataDisk === null) return []
  return [
    '-blockdev',
    rawDisk('data', cartridge.dataDisk),
    '-device',
    `virtio-blk-pci,id=disk1,drive=data,${onDiskThread},serial=deskvisor-data`,
  ]
}

function network(): string[] {
  // An empty romfile: the console boots from its disk only, and the network boot ROM need not be installed.
  return ['-netdev', 'user,id=network', '-device', 'virtio-net-pci,netdev=network,romfile=']
}

function tpm({ paths }: QemuMachine): string[] {
  return [
    '-chardev',
    `socket,id=tpm,path=${escapeCommas(paths.tpm)}`,
    '-tpmdev',
    'emulator,id=tpm0,chardev=tpm',
    '-device',
    'tpm-crb,tpmdev=tpm0',
  ]
}

function emulatedDisplay({ paths }: QemuMachine): string[] {
  return [
    '-device',
    'VGA,id=display,romfile=',
    '-device',
    'qemu-xhci,id=usb',
    '-device',
    'usb-kbd,bus=usb.0',
    '-device',
    'usb-tablet,bus=usb.0',
    '-vnc',
    `unix:${escapeCommas(`${paths.consoleRun}/vnc.sock`)}`,
  ]
}

/** QEMU reports what the guest did and ends; what follows is decided by Deskvisor's watchdog. */
function endings(): string[] {
  return [
    '-device',
    'i6300esb,id=watchdog',
    '-device',
    'pvpanic-pci',
    '-action',
    'reboot=shutdown,shutdown=poweroff,watchdog=none,panic=none',
  ]
}
