import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { planPassthrough, readTopology } from '../../../orchestrator/devices/index.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { desktopPc, type FakeDevice, makeSysfs } from '../fixtures/sysfs.ts'

type Test = { testdir(): string }

function plan(test: Test, devices: FakeDevice[], keep: string[] = []) {
  const root = test.testdir()
  const machine = machineAt(root)
  makeSysfs(root, devices)
  return planPassthrough(readTopology(machine), { passthrough: { keep } })
}

const given = (result: ReturnType<typeof plan>) =>
  result.devices.filter((device) => device.given).map((device) => device.address)
const reasonOf = (result: ReturnType<typeof plan>, address: string) =>
  result.devices.find((device) => device.address === address)?.reason ?? ''
const without = (...addresses: string[]) => desktopPc.filter(({ address }) => !addresses.includes(address))

t.test('gives the graphics card with its group, sound, and USB that can be reset', async (t) => {
  const result = plan(t, desktopPc)
  t.equal(result.kind, 'passthrough')
  t.same(given(result), ['0000:01:00.0', '0000:01:00.1', '0000:00:14.0', '0000:04:00.0'])
  t.match(result.devices[0], { description: 'Graphics card (10de:2484)', display: true, iommuGroup: '1' })
  t.match(reasonOf(result, '0000:00:1f.3'), /shares IOMMU group 9 with the ISA bridge 0000:00:1f\.0/)
  t.match(reasonOf(result, '0000:02:00.0'), /the disk nvme0n1/)
  t.match(reasonOf(result, '0000:03:00.0'), /only network device/)
  t.notOk(
    result.devices.some(({ address }) => address === '0000:00:01.0'),
    'bridges are not listed',
  )
})

t.test('gives nothing without an IOMMU and says so', async (t) => {
  const result = plan(
    t,
    desktopPc.map(({ group: _, ...device }) => device),
  )
  t.equal(result.kind, 'none')
  t.match(result.reason, /IOMMU is off or missing/)
  t.same(given(result), [])
})

t.test('gives nothing without a graphics card', async (t) => {
  const result = plan(t, without('0000:01:00.0', '0000:01:00.1'))
  t.match(result.reason, /no graphics card/)
  t.same(given(result), [])
})

t.test('leaves a graphics card whose group holds a storage controller', async (t) => {
  const sata = { address: '0000:05:00.0', class: '0x010601', vendor: '0x1b21', device: '0x0612', group: '1' }
  const result = plan(t, [...desktopPc, sata])
  t.equal(result.kind, 'none')
  t.match(result.reason, /01:00\.0 cannot be given .* group 1 also holds the SATA controller 0000:05:00\.0/)
  t.same(given(result), [])
})

t.test(
  'leaves a graphics card whose group holds the only network device, gives it when there is another',
  async (t) => {
    const network = {
      address: '0000:01:00.2',
      class: '0x020000',
      vendor: '0x10ec',
      device: '0x8168',
      group: '1',
    }
    t.match(plan(t, [...without('0000:03:00.0'), network]).reason, /only network device/)
    t.ok(given(plan(t, [...desktopPc, network])).includes('0000:01:00.2'))
  },
)

t.test('gives all graphics cards, the one of the firmware first', async (t) => {
  const second = {
    address: '0000:00:02.0',
    class: '0x038000',
    vendor: '0x8086',
    device: '0x3e92',
    group: '2',
  }
  const result = plan(t, [...desktopPc, { ...second, bootVga: false }])
  t.same(given(result).slice(0, 3), ['0000:01:00.0', '0000:01:00.1', '0000:00:02.0'])
})

t.test('gives the one graphics card that can be given', async (t) => {
  const blocked = {
    address: '0000:06:00.0',
    class: '0x030000',
    vendor: '0x1002',
    device: '0x73bf',
    group: '12',
  }
  const result = plan(t, [...desktopPc, blocked])
  t.equal(result.kind, 'passthrough')
  t.notOk(given(result).includes('0000:06:00.0'))
  t.match(reasonOf(result, '0000:06:00.0'), /NVMe controller 0000:02:00\.0/)
})

t.test('keeps what deskvisor.toml names, by address or by identity', async (t) => {
  t.notOk(given(plan(t, desktopPc, ['0000:04:00.0'])).includes('0000:04:00.0'))
  t.match(reasonOf(plan(t, desktopPc, ['8086:A36D']), '0000:00:14.0'), /deskvisor\.toml keeps it/)
  t.match(plan(t, desktopPc, ['10de:2484']).reason, /deskvisor\.toml keeps it/)
  t.match(plan(t, desktopPc, ['10de:228b']).reason, /sound device 0000:01:00\.1.*deskvisor\.toml keeps it/)
})

t.test('keeps USB that cannot be reset, shares its group, or carries a disk of the host', async (t) => {
  const usb = (more: Partial<FakeDevice>): FakeDevice => ({
    address: '0000:07:00.0',
    class: '0x0c0330',
    vendor: '0x1912',
    device: '0x0014',
    group: '20',
    reset: 'flr',
    ...more,
  })
  const stick = { name: 'sda', via: 'usb2/2-1/host6' }
  const reason = (device: FakeDevice) => reasonOf(plan(t, [...desktopPc, device]), '0000:07:00.0')
  t.match(reason(usb({ reset: '' })), /cannot be reset/)
  t.match(reason(usb({ reset: undefined })), /cannot be reset/)
  t.match(reason(usb({ group: '14' })), /shares IOMMU group 14/)
  t.match(reason(usb({ disk: { ...stick, holders: ['dm-0'] } })), /the host uses the USB disk sda/)
  t.match(reason(usb({ disk: stick })), /belong to the desktop/, 'a stick that nobody uses goes along')
})

t.test('sees that the host booted from a USB disk', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  const disk = { name: 'sdb', via: 'usb1/1-2/host7' }
  makeSysfs(
    root,
    desktopPc.map((device) => (device.address === '0000:00:14.0' ? { ...device, disk } : device)),
  )
  const planned = () => planPassthrough(readTopology(machine), { passthrough: { keep: [] } })
  t.ok(given(planned()).includes('0000:00:14.0'))
  writeFileSync(join(root, 'proc/self/mountinfo'), '30 1 0:33 / /var/lib/deskvisor rw - btrfs /dev/sdb rw\n')
  t.notOk(given(planned()).includes('0000:00:14.0'))
})

t.test('survives a sysfs with nothing in it', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  t.same(readTopology(machine), { iommu: false, devices: [] })
  t.match(planPassthrough(readTopology(machine), { passthrough: { keep: [] } }), {
    kind: 'none',
    devices: [],
  })
  const bare = plan(t, [{ address: '0000:00:05.0' }])
  t.match(bare.devices, [{ address: '0000:00:05.0', given: false, description: 'Device (0000:0000)' }])
})
