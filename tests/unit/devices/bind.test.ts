import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import {
  bindDevices,
  giveBack,
  hasReadableRom,
  hostCanDraw,
  planPassthrough,
  readTopology,
} from '../../../orchestrator/devices/index.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { desktopPc, fakeKernel, makeSysfs } from '../fixtures/sysfs.ts'

const home = {
  '0000:00:14.0': 'xhci_hcd',
  '0000:01:00.1': 'snd_hda_intel',
  '0000:04:00.0': 'snd_hda_intel',
}

function machine(root: string, refuse: string[] = []) {
  makeSysfs(root, desktopPc)
  mkdirSync(join(root, 'run/deskvisor'), { recursive: true })
  const console = join(root, 'sys/class/vtconsole/vtcon1')
  mkdirSync(console, { recursive: true })
  writeFileSync(join(console, 'name'), '(M) frame buffer device\n')
  writeFileSync(join(console, 'bind'), '1\n')
  const firmware = join(root, 'sys/bus/platform/drivers/simple-framebuffer')
  mkdirSync(join(firmware, 'simple-framebuffer.0'), { recursive: true })
  for (const name of ['bind', 'unbind']) writeFileSync(join(firmware, name), '')
  const plan = planPassthrough(readTopology(machineAt(root)), { passthrough: { keep: [] } })
  const driver = (address: string) => {
    const link = join(root, 'sys/bus/pci/devices', address, 'driver')
    return existsSync(link) ? basename(readlinkSync(link)) : null
  }
  return {
    plan,
    driver,
    bound: join(root, 'run/deskvisor/bound.json'),
    ...fakeKernel(root, { refuse, home }),
  }
}

t.test('binds the given devices, the screen last, and gives them back', async (t) => {
  const root = t.testdir()
  const { plan, driver, bound, write, writes } = machine(root)
  await bindDevices(machineAt(root), plan, write)
  for (const { address } of plan.devices.filter((device) => device.given))
    t.equal(driver(address), 'vfio-pci')
  t.equal(driver('0000:02:00.0'), 'nvme', 'the disk stays')
  const framebuffer = writes.indexOf(
    '/sys/bus/platform/drivers/simple-framebuffer/unbind simple-framebuffer.0',
  )
  t.equal(writes[framebuffer - 1], '/sys/class/vtconsole/vtcon1/bind 0')
  t.same(writes.slice(framebuffer + 1), [
    '/sys/bus/pci/devices/0000:01:00.0/driver_override vfio-pci',
    '/sys/bus/pci/drivers_probe 0000:01:00.0',
  ])
  t.match(JSON.parse(readFileSync(bound, 'utf8')).devices[1], { address: '0000:00:14.0', driver: 'xhci_hcd' })

  giveBack(machineAt(root), { exceptDisplay: true }, write)
  t.equal(driver('0000:00:14.0'), 'xhci_hcd')
  t.equal(driver('0000:01:00.0'), 'vfio-pci', 'the graphics card does not come back after a guest had it')
  t.same(JSON.parse(readFileSync(bound, 'utf8')).devices, [
    { address: '0000:01:00.0', driver: null, display: true },
  ])

  await bindDevices(machineAt(root), plan, write)
  t.equal(driver('0000:00:14.0'), 'vfio-pci', 'and the next start takes them again')
  giveBack(machineAt(root), {}, write)
  t.equal(driver('0000:01:00.0'), null)
  t.notOk(existsSync(bound))
})

t.test('gives everything back in reverse when one device fails, and names it', async (t) => {
  const root = t.testdir()
  const { plan, driver, bound, write, writes } = machine(root, ['0000:04:00.0'])
  await t.rejects(bindDevices(machineAt(root), plan, write), {
    code: 'bind-failed',
    message: /Sound device \(1102:0012\) at 0000:04:00\.0.*vfio-pci did not take it/,
  })
  t.equal(driver('0000:01:00.1'), 'snd_hda_intel')
  t.equal(driver('0000:00:14.0'), 'xhci_hcd')
  t.equal(driver('0000:04:00.0'), 'snd_hda_intel')
  const probes = writes.filter((line) => line.includes('drivers_probe')).map((line) => line.split(' ')[1])
  t.same(probes.slice(-3), ['0000:04:00.0', '0000:00:14.0', '0000:01:00.1'])
  t.notOk(
    writes.some((line) => line.includes('vtcon1')),
    'the screen was never touched',
  )
  t.notOk(existsSync(bound))
})

t.test('gives the screen back when the graphics card fails', async (t) => {
  const root = t.testdir()
  const { plan, write, writes } = machine(root, ['0000:01:00.0'])
  await t.rejects(bindDevices(machineAt(root), plan, write), { code: 'bind-failed' })
  t.same(writes.slice(-2), [
    '/sys/bus/platform/drivers/simple-framebuffer/bind simple-framebuffer.0',
    '/sys/class/vtconsole/vtcon1/bind 1',
  ])
})

t.test('has what it is about to touch on record first', async (t) => {
  const root = t.testdir()
  const { plan, bound, write } = machine(root)
  const seen: string[] = []
  await bindDevices(machineAt(root), plan, (path, value) => {
    const text = readFileSync(bound, 'utf8')
    const address = path.match(/devices\/([^/]+)\/driver/)?.[1]
    if (address !== undefined && !text.includes(address)) seen.push(address)
    write(path, value)
  })
  t.same(seen, [])
})

t.test('gives back nothing for a record that is garbage', async (t) => {
  for (const text of ['', '{', '[]', '{"devices":[{"address":"../../etc"}],"framebuffer":7}', 'null']) {
    const root = t.testdir({ run: { deskvisor: { 'bound.json': text } } })
    const { write, writes } = fakeKernel(root)
    giveBack(machineAt(root), {}, write)
    t.same(writes, [])
  }
})

t.test('knows whether a ROM can be read and whether the host can draw', async (t) => {
  const root = t.testdir()
  makeSysfs(root, desktopPc)
  const rom = join(root, 'sys/bus/pci/devices/0000:01:00.0/rom')
  const write = () => {}
  t.equal(hasReadableRom(machineAt(root), '0000:01:00.0'), false)
  writeFileSync(rom, Buffer.from([0x55, 0xaa, 1]))
  t.equal(hasReadableRom(machineAt(root), '0000:01:00.0', write), true)
  writeFileSync(rom, Buffer.from([0xff, 0xff]))
  t.equal(hasReadableRom(machineAt(root), '0000:01:00.0', write), false)
  t.equal(hostCanDraw(machineAt(root)), false)
  mkdirSync(join(root, 'sys/class/graphics'), { recursive: true })
  symlinkSync('/nowhere', join(root, 'sys/class/graphics/fb0'))
  t.equal(hostCanDraw(machineAt(root)), true)
})
