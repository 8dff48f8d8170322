import t from 'tap'
import { type PcFiles, qemuArguments } from '../../scenarios/pc/machine.ts'
import { smbiosStrings } from '../../scenarios/pc/smbios.ts'
import { completeSpec, type PcSpec } from '../../scenarios/pc/spec.ts'

const files: PcFiles = {
  qmp: '/t/qmp',
  serial: '/t/ttyS0',
  testPort: '/t/ttyS1',
  uefiCode: '/t/code.fd',
  uefiVars: '/t/vars.fd',
  tpm: '/t/tpm',
  bootPicture: { rom: '/t/rom', logo: '/t/logo' },
  smbios: ['/t/a,b'],
  log: '/t/log',
}

function devices(spec: PcSpec): string[] {
  const args = qemuArguments(completeSpec(spec), files, ['-accel', 'tcg'])
  return args.filter((_, index) => args[index - 1] === '-device')
}

function argumentsOf(spec: PcSpec): string {
  return qemuArguments(completeSpec(spec), files, ['-accel', 'tcg']).join(' ')
}

t.test(
  'an ordinary PC has an IOMMU, the VGA card, PS/2, and each controller on a port of its own',
  async (t) => {
    const found = devices({ disk: '/t/disk' })
    t.match(found.join(' '), /intel-iommu/)
    t.ok(found.includes('VGA,id=gpu-boot,bus=pcie.0,addr=1'))
    for (const [device, port] of [
      ['virtio-blk-pci', 'port-disk'],
      ['e1000e', 'port-nic'],
      ['ich9-intel-hda', 'port-sound'],
      ['qemu-xhci', 'port-usb0'],
    ] as const) {
      t.ok(
        found.some((text) => text.startsWith(`${device},`) && text.includes(`bus=${port}`)),
        device,
      )
      t.equal(found.filter((text) => text.includes(`bus=${port}`)).length, 1, `${port} has one device`)
    }
    t.match(argumentsOf({}), /i8042=on/)
  },
)

t.test('a PC without a keyboard has no PS/2 controller either', async (t) => {
  t.match(argumentsOf({ keyboards: [] }), /i8042=off/)
  t.notMatch(argumentsOf({ keyboards: [] }), /usb-kbd/)
})

t.test('a USB keyboard brings its controller', async (t) => {
  const found = devices({ keyboards: ['usb'], usbControllers: 0 })
  t.ok(found.some((text) => text.startsWith('qemu-xhci,id=usb0')))
  t.ok(found.some((text) => text.startsWith('usb-kbd') && text.endsWith('bus=usb0.0')))
})

t.test('a GPU and its group mate are behind one bridge', async (t) => {
  for (const [gpuGroupMate, mate] of [
    ['disk', 'virtio-blk-pci'],
    ['nic', 'e1000'],
  ] as const) {
    const shared = devices({ disk: '/t/disk', gpuGroupMate }).filter((text) => text.includes('bus=shared'))
    t.same(shared.map((text) => text.split(',')[0]).sort(), ['VGA', mate].sort())
  }
})

t.test('root ports have different slots and device ids do not repeat', async (t) => {
  const disk = { file: '/t/x', format: 'raw' as const }
  const found = devices({
    disk: '/t/d',
    extraDisks: [disk, disk],
    usbControllers: 3,
    gpus: ['boot', 'second'],
  })
  for (const pattern of [/slot=(\d+)/, /\bid=([\w-]+)/]) {
    const values = found.map((text) => pattern.exec(text)?.[1]).filter((value) => value !== undefined)
    t.equal(new Set(values).size, values.length)
  }
})

t.test('commas in file names do not end a value', async (t) => {
  t.match(argumentsOf({ disk: '/t/a,readonly=on' }), /filename=\/t\/a,,readonly=on/)
  t.match(argumentsOf({}), /type=11,path=\/t\/a,,b/)
})

t.test('kernel arguments and credentials become SMBIOS strings that survive any content', async (t) => {
  const content = 'two\nlines, "quotes" and ünïcode'
  const [first, second] = smbiosStrings({ kernelArguments: ['quiet', 'a=b'], credentials: { name: content } })
  t.equal(first, 'io.systemd.stub.kernel-cmdline-extra=quiet a=b')
  t.match(second, /^io\.systemd\.credential\.binary:name=[\w+/=]+$/)
  t.equal(Buffer.from(second?.split('name=')[1] ?? '', 'base64').toString(), content)
  t.same(smbiosStrings({ kernelArguments: [], credentials: {} }), [])
})
