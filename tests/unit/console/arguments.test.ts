import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownCartridge } from '../../../orchestrator/console/files.ts'
import { consoleMemoryMib, qemuArguments } from '../../../orchestrator/console/index.ts'
import { readMachine } from '../../../orchestrator/console/machine.ts'
import { confinement, unitProperties } from '../../../orchestrator/console/unit.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'

const cartridge = {
  name: 'gondor',
  title: 'Gondor',
  uuid: '0f3a9c1e-5a55-4a0e-9a52-0d3a1c1b2f10',
  state: '/data/states/0001',
  disk: '/data/states/0001/disk.raw',
  uefiVars: '/data/states/0001/uefi-vars.fd',
  tpm: '/data/states/0001/tpm',
  dataDisk: null,
  folder: '/data',
  note: '',
  freeze: true,
  reset: null,
  golden: null,
}

const device = (address: string, display = false) => ({
  address,
  display,
  description: 'Device',
  given: true,
  reason: '',
  iommuGroup: '1',
})

function build(more: Partial<Parameters<typeof qemuArguments>[0]> = {}) {
  const machine = {
    cartridge,
    devices: [],
    withoutRom: new Set<string>(),
    memoryMib: 2048,
    cpus: 4,
    kvm: true,
    tpm: false,
    bootPicture: { rom: null, logo: null },
  }
  return qemuArguments({
    ...machine,
    paths: machineAt('/').paths,
    ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
    ...more,
  })
}

/** The values that follow an option. */
const valuesOf = (args: string[], option: string) => args.filter((_, index) => args[index - 1] === option)

t.test('gives each slot a root port of its own and keeps its functions together', async (t) => {
  const devices = [device('0000:01:00.0', true), device('0000:01:00.1'), device('0000:00:14.3')]
  const args = build({ devices, withoutRom: new Set(['0000:01:00.0']) })
  const passed = valuesOf(args, '-device').filter((value) => /pcie-root-port|vfio/.test(value))
  t.same(passed, [
    'pcie-root-port,id=port1,bus=pcie.0,chassis=1,slot=1',
    'vfio-pci,host=0000:01:00.0,bus=port1,addr=00.0,multifunction=on,rombar=0',
    'vfio-pci,host=0000:01:00.1,bus=port1,addr=00.1',
    'pcie-root-port,id=port2,bus=pcie.0,chassis=2,slot=2',
    'vfio-pci,host=0000:00:14.3,bus=port2,addr=00.0',
  ])
  t.notOk(
    args.some((value) => /VGA|usb-|vnc/.test(value)),
    'no emulated display beside a real one',
  )
})

t.test('has a TPM when the cartridge has one', async (t) => {
  t.notMatch(build().join(' '), /tpm/)
  const args = build({ tpm: true })
  t.ok(valuesOf(args, '-chardev').includes('socket,id=tpm,path=/run/deskvisor/console/tpm.sock'))
  t.ok(valuesOf(args, '-device').includes('tpm-crb,tpmdev=tpm0'))
})

t.test('has what the watchdog and the guest need', async (t) => {
  const args = build()
  t.match(valuesOf(args, '-machine')[0], /^q35,accel=kvm,/)
  t.same(valuesOf(args, '-smp'), ['cpus=4,sockets=1,cores=4,threads=1'])
  t.same(valuesOf(args, '-m'), ['2048M'])
  t.same(valuesOf(args, '-mon'), [
    'chardev=qmp,mode=control',
    'chardev=qmp-tools,mode=control',
    'chardev=event-log,mode=control',
  ])
  t.ok(valuesOf(args, '-device').includes('i6300esb,id=watchdog'))
  t.same(valuesOf(args, '-action'), ['reboot=shutdown,shutdown=poweroff,watchdog=none,panic=none'])
  t.match(valuesOf(args, '-sandbox')[0], /^on,.*spawn=deny/)
  t.same(valuesOf(args, '-vnc'), ['unix:/run/deskvisor/console/vnc.sock'])
})

t.test('without virtualisation processor and display are emulated', async (t) => {
  const args = build({ kvm: false })
  t.match(valuesOf(args, '-machine')[0], /^q35,accel=tcg,/)
  t.same(valuesOf(args, '-cpu'), ['max'])
  t.notMatch(args.join(' '), /kvm|vfio/)
  t.ok(valuesOf(args, '-device').some((device) => device.startsWith('VGA,')))
})

t.test('a write of the guest that finds no space stops it, and does not fail', async (t) => {
  const disks = valuesOf(
    build({ cartridge: { ...cartridge, dataDisk: '/data/data.raw' } }),
    '-device',
  ).filter((value) => value.startsWith('virtio-blk'))
  t.equal(disks.length, 2)
  t.ok(disks.every((disk) => disk.includes(',werror=enospc,rerror=report')))
})

t.test('a disk for data is a second disk that nothing boots from, and moves no other device', async (t) => {
  const without = build()
  const args = build({ cartridge: { ...cartridge, dataDisk: '/data/a,b/data.raw' } })
  const added = args.slice(without.length - 2, -2)
  t.same([...args.slice(0, without.length - 2), ...args.slice(-2)], without, 'all else is as it was')
  t.same(valuesOf(added, '-device'), [
    'virtio-blk-pci,id=disk1,drive=data,iothread=disk-thread,write-cache=on,werror=enospc,rerror=report,serial=deskvisor-data',
  ])
  const [first = ''] = valuesOf(args, '-blockdev').filter((value) => value.includes('node-name=disk,'))
  const like = first.replace('node-name=disk,', 'node-name=data,').replace(/filename=.*/, '')
  t.same(valuesOf(added, '-blockdev'), [`${like}filename=/data/a,,b/data.raw`])
  t.same(args.filter((value) => value.includes('bootindex')).length, 1)
})

t.test('the guest has a port for signals beside the one of its agent', async (t) => {
  const args = build()
  const path = '/run/deskvisor/console/guest-signals.sock'
  t.ok(valuesOf(args, '-chardev').includes(`socket,id=guest-signals,path=${path},server=on,wait=off`))
  t.same(
    valuesOf(args, '-device').filter((value) => value.startsWith('virtserialport')),
    [
      'virtserialport,bus=serial.0,chardev=guest-agent,name=org.qemu.guest_agent.0',
      'virtserialport,bus=serial.0,chardev=guest-signals,name=org.deskvisor.signal.0',
    ],
  )
})

t.test('a comma in a file name adds no option', async (t) => {
  const disk = '/data/a,readonly=on/disk.raw'
  const args = build({ cartridge: { ...cartridge, name: 'a,b', disk } })
  t.ok(valuesOf(args, '-blockdev').some((value) => value.endsWith('filename=/data/a,,readonly=on/disk.raw')))
  t.same(valuesOf(args, '-name'), ['guest=a,,b'])
})

t.test('leaves the reserve and what QEMU itself needs to the host', async (t) => {
  const memory = consoleMemoryMib(32_768, 'auto', 16)
  t.ok(memory + memory / 512 + 16 * 8 + 30 <= 32_768 - 1024)
  t.ok(memory > 32_768 - 1024 - 260)
  t.ok(consoleMemoryMib(8192, 'auto', 4) > 8192 - 512 - 100)
  t.ok(consoleMemoryMib(8192, 4096, 4) < 4096)
  t.throws(() => consoleMemoryMib(1024, 'auto', 2), { code: 'not-enough-memory', message: /at least 512/ })
  t.throws(() => consoleMemoryMib(4096, 100_000, 2), {
    code: 'not-enough-memory',
    message: /would get 0 MiB/,
  })
})

t.test('reads processors and memory, and says when the kernel does not tell', async (t) => {
  const root = t.testdir({ proc: { meminfo: 'MemTotal:        3000000 kB\nMemFree: 1 kB\n' } })
  const machine = machineAt(root)
  t.same(readMachine(machine), { cpus: 1, memoryMib: 2929 })
  const cpu = join(root, 'sys/devices/system/cpu')
  mkdirSync(cpu, { recursive: true })
  writeFileSync(join(cpu, 'online'), '0-3,8-11\n')
  t.equal(readMachine(machine).cpus, 8)
  t.throws(() => readMachine(machineAt(t.testdir({ proc: {} }))), { code: 'unknown-machine' })
})

t.test('shuts QEMU in', async (t) => {
  const properties = unitProperties({
    user: 'deskvisor-console',
    groups: ['1', '3'],
    sees: { writable: ['/data/my states/disk.raw'], readable: ['/run/names'] },
    command: ['/usr/bin/qemu-system-x86_64', '-m', '1'],
  })
  const allowed = ['/dev/kvm', '/dev/vfio/vfio', '/dev/vfio/1', '/dev/vfio/3'].map((path) => [path, 'rw'])
  const command = ['/usr/bin/qemu-system-x86_64', '-m', '1']
  for (const property of [
    ['User', 's', 'deskvisor-console'],
    ['NoNewPrivileges', 'b', true],
    ['LimitMEMLOCK', 't', 2n ** 64n - 1n],
    ['DevicePolicy', 's', 'closed'],
    ['DeviceAllow', 'a(ss)', allowed],
    ['TemporaryFileSystem', 'a(ss)', ['/var', '/run'].map((path) => [path, 'ro'])],
    ['BindPaths', 'a(ssbt)', [['/data/my states/disk.raw', '/data/my states/disk.raw', false, 0]]],
    ['BindReadOnlyPaths', 'a(ssbt)', [['/run/names', '/run/names', false, 0]]],
    ['LogRateLimitBurst', 'u', 100],
    ['SystemCallFilter', '(bas)', [true, ['@system-service']]],
    ['ExecStart', 'a(sasb)', [[command[0], command, false]]],
  ]) {
    const [name] = property
    t.strictSame(
      properties.find((each) => each[0] === name),
      property,
    )
  }
})

t.test(
  'says nothing of what a program may only read when there is nothing: systemd would forget all else',
  async (t) => {
    const names = confinement('x', { writable: ['/data/tpm'], readable: [] }).map(([name]) => name)
    t.ok(names.includes('BindPaths'))
    t.notOk(names.includes('BindReadOnlyPaths'))
  },
)

t.test('never hands a file of the host to QEMU through a symlink', async (t) => {
  const root = t.testdir({ secret: 'host', 'uefi-vars.fd': '' })
  const disk = join(root, 'disk.raw')
  const files = { ...cartridge, disk, uefiVars: join(root, 'uefi-vars.fd') }
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  t.throws(() => ownCartridge(files, user), { code: 'cartridge-unusable', message: /gondor.*ENOENT/ })
  symlinkSync(join(root, 'secret'), disk)
  t.throws(() => ownCartridge(files, user), { code: 'cartridge-unusable', message: /ELOOP/ })
  t.throws(() => ownCartridge({ ...files, disk: root }, user), { message: /not a regular file/ })
  const whole = { ...files, disk: join(root, 'secret') }
  t.doesNotThrow(() => ownCartridge(whole, user))
  t.throws(() => ownCartridge({ ...whole, dataDisk: disk }, user), {
    code: 'cartridge-unusable',
    message: /ELOOP/,
  })
  t.throws(() => ownCartridge({ ...whole, dataDisk: root }, user), { message: /not a regular file/ })
})
