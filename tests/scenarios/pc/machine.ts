import { randomnessAndBootPicture } from '../../../orchestrator/console/boot-picture.ts'
import type { CompletePcSpec } from './spec.ts'

/** Files and sockets of one virtual PC. */
export type PcFiles = {
  qmp: string
  /** ttyS0, what a person with a serial terminal uses. */
  serial: string
  /** ttyS1: the tests' own line. */
  testPort: string
  uefiCode: string
  uefiVars: string
  tpm: string
  /** The boot picture's ROM, and what it is given as the PC's own logo. */
  bootPicture: { rom: string; logo: string }
  /** One file a SMBIOS type 11 string; files, because QEMU's option parser splits values at commas. */
  smbios: string[]
  log: string
}

/**
 * The arguments of qemu-system-x86_64 (7.2 or later) for this PC. The machine starts paused, so that no
 * byte of the serial lines is lost.
 */
export function qemuArguments(spec: CompletePcSpec, files: PcFiles, acceleration: string[]): string[] {
  return [
    ...acceleration,
    ...['-name', 'deskvisor-test', '-no-user-config', '-nodefaults', '-S'],
    ...['-display', spec.window ? 'gtk,show-menubar=off' : 'none'],
    ...['-machine', machine(spec)],
    ...['-smp', String(spec.cpus), '-m', String(spec.memoryMib)],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${comma(files.uefiCode)}`],
    ...['-drive', `if=pflash,format=raw,file=${comma(files.uefiVars)}`],
    ...['-qmp', `unix:${comma(files.qmp)},server=on,wait=off`],
    ...serialPort('ttyS0', files.serial, '0x3f8'),
    ...serialPort('ttyS1', files.testPort, '0x2f8'),
    ...['-rtc', 'base=utc', '-D', files.log],
    ...(spec.keyWaitMs ? ['-boot', `menu=on,splash-time=${spec.keyWaitMs}`] : []),
    ...iommu(spec),
    ...groupBridge(spec),
    ...display(spec),
    ...disks(spec),
    ...network(spec),
    ...sound(spec),
    ...usb(spec),
    ...tpm(spec, files),
    ...(spec.logo ? randomnessAndBootPicture(files.bootPicture) : []),
    ...files.smbios.flatMap((file) => ['-smbios', `type=11,path=${comma(file)}`]),
  ]
}

/** `i8042` is a q35 property since QEMU 7.0; without it the PC has no PS/2 port at all. */
function machine(spec: CompletePcSpec): string {
  const ps2 = spec.keyboards.includes('ps2') ? 'on' : 'off'
  return `q35,kernel-irqchip=split,vmport=off,i8042=${ps2}`
}

/** An Intel IOMMU works beside an AMD processor model; the kernel wants `intel_iommu=on`. */
function iommu(spec: CompletePcSpec): string[] {
  return spec.iommu ? ['-device', 'intel-iommu,intremap=on,caching-mode=on,device-iotlb=on'] : []
}

/** Conventional PCI has no ACS: everything behind one bridge shares its IOMMU group. */
function groupBridge(spec: CompletePcSpec): string[] {
  if (!spec.gpuGroupMate) return []
  return [...rootPort('group', 1), '-device', 'pcie-pci-bridge,id=shared,bus=group']
}

function display(spec: CompletePcSpec): string[] {
  const boot = spec.gpuGroupMate ? 'bus=shared,addr=1' : 'bus=pcie.0,addr=1'
  return spec.gpus.flatMap((gpu) =>
    gpu === 'boot'
      ? ['-device', `VGA,id=gpu-boot,${boot}`]
      : [...rootPort('port-gpu', 2), '-device', 'bochs-display,id=gpu-second,bus=port-gpu'],
  )
}

function disks(spec: CompletePcSpec): string[] {
  const system = spec.disk
    ? [
        ...systemDrive(spec.disk, spec.writeLog),
        ...(spec.gpuGroupMate === 'disk' ? [] : rootPort('port-disk', 3)),
        '-device',
        `virtio-blk-pci,id=system-disk,drive=system,bootindex=0,${spec.gpuGroupMate === 'disk' ? 'bus=shared,addr=2' : 'bus=port-disk'}`,
      ]
    : []
  const extra = spec.extraDisks.flatMap((disk, index) => [
    '-drive',
    `if=none,id=extra${index},file=${comma(disk.file)},format=${disk.format},readonly=${disk.readOnly ? 'on' : 'off'}`,
    ...rootPort(`port-extra${index}`, 10 + index),
    '-device',
    `virtio-blk-pci,drive=extra${index},serial=extra${index},bus=port-extra${index}`,
  ])
  return [...system, ...extra]
}

/** blklogwrites stands between the PC and its disk and writes dm-log-writes' format (qapi/block-core.json, BlockdevOptionsBlklogwrites). */
function systemDrive(disk: string, writeLog: string | undefined): string[] {
  const image = `driver=qcow2,discard=unmap,file.driver=file,file.filename=${comma(disk)}`
  if (writeLog === undefined) return ['-blockdev', `node-name=system,${image}`]
  return [
    ...['-blockdev', `node-name=system-image,${image}`],
    ...['-blockdev', `node-name=write-log,driver=file,filename=${comma(writeLog)}`],
    '-blockdev',
    'node-name=system,driver=blklogwrites,file=system-image,log=write-log,log-sector-size=512',
  ]
}

function network(spec: CompletePcSpec): string[] {
  if (!spec.nic) return []
  const shared = spec.gpuGroupMate === 'nic'
  return [
    ...['-netdev', 'user,id=net0'],
    ...(shared ? [] : rootPort('port-nic', 4)),
    '-device',
    shared ? 'e1000,netdev=net0,bus=shared,addr=2,romfile=' : 'e1000e,netdev=net0,bus=port-nic,romfile=',
  ]
}

function sound(spec: CompletePcSpec): string[] {
  if (!spec.sound) return []
  return [
    ...['-audiodev', 'none,id=silence', ...rootPort('port-sound', 5)],
    ...['-device', 'ich9-intel-hda,id=sound,bus=port-sound'],
    ...['-device', 'hda-output,audiodev=silence'],
  ]
}

function usb(spec: CompletePcSpec): string[] {
  const controllers = Array.from({ length: spec.usbControllers }, (_, index) => [
    ...rootPort(`port-usb${index}`, 20 + index),
    ...['-device', `qemu-xhci,id=usb${index},bus=port-usb${index}`],
  ])
  const keyboards = spec.keyboards.flatMap((kind, index) =>
    kind === 'usb' ? ['-device', `usb-kbd,id=keyboard${index},bus=usb0.0`] : [],
  )
  return [...controllers.flat(), ...keyboards]
}

function tpm(spec: CompletePcSpec, files: PcFiles): string[] {
  if (!spec.tpm) return []
  return [
    ...['-chardev', `socket,id=tpm-socket,path=${comma(files.tpm)}`],
    ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm-socket', '-device', 'tpm-crb,tpmdev=tpm0'],
  ]
}

function serialPort(id: string, socket: string, iobase: string): string[] {
  return [
    ...['-chardev', `socket,id=${id},path=${comma(socket)},server=on,wait=off`],
    ...['-device', `isa-serial,chardev=${id},iobase=${iobase},irq=${iobase === '0x3f8' ? 4 : 3}`],
  ]
}

function rootPort(id: string, slot: number): string[] {
  return ['-device', `pcie-root-port,id=${id},bus=pcie.0,chassis=${slot},slot=${slot}`]
}

/** QEMU's option parser wants a comma in a value doubled. */
function comma(value: string): string {
  return value.replaceAll(',', ',,')
}
