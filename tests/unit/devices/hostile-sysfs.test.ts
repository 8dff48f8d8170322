import { existsSync } from 'node:fs'
import t from 'tap'
import { defaultConfig } from '../../../orchestrator/config/index.ts'
import { consoleMemoryMib } from '../../../orchestrator/console/index.ts'
import { readMachine } from '../../../orchestrator/console/machine.ts'
import { findFramebuffer, hostCanDraw } from '../../../orchestrator/devices/framebuffer.ts'
import { hasReadableRom, planPassthrough, readTopology } from '../../../orchestrator/devices/index.ts'
import { DeskvisorError } from '../../../orchestrator/host/errors.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { fairSeconds } from '../../scenarios/fair-time.ts'
import { memoryFolder } from '../fixtures/memory-folder.ts'
import { desktopPc, makeSysfs } from '../fixtures/sysfs.ts'
import { everyHostileFile, Tree } from '../fixtures/tree.ts'

process.env.TMPDIR = memoryFolder

const [gpu, usb, disk] = ['0000:01:00.0', '0000:00:14.0', '0000:02:00.0']
const devices = 'sys/bus/pci/devices'

/** Values of sysfs and procfs that plan and start are made from. */
const values = [
  ...[gpu, usb, disk].flatMap((address) =>
    ['', '/class', '/vendor', '/device', '/driver', '/iommu_group', '/reset_method', '/boot_vga'].map(
      (name) => `${devices}/${address}${name}`,
    ),
  ),
  devices,
  'sys/kernel/iommu_groups',
  'sys/class/block',
  'sys/class/block/nvme0n1',
  'sys/class/vtconsole/vtcon1/name',
  'sys/class/vtconsole/vtcon1/bind',
  'sys/class/graphics',
  'sys/devices/system/cpu/online',
  'proc/self/mountinfo',
  'proc/swaps',
  'proc/meminfo',
  'proc/cpuinfo',
]

function pc(test: ConstructorParameters<typeof Tree>[0]): Tree {
  const tree = new Tree(test)
  makeSysfs(tree.root, desktopPc)
  tree.write('sys/class/vtconsole/vtcon1/name', '(M) frame buffer device\n')
  tree.write('sys/class/vtconsole/vtcon1/bind', '1\n')
  tree.write('sys/class/graphics/fb0/name', 'simpledrmdrmfb\n')
  tree.write('sys/devices/system/cpu/online', '0-7\n')
  tree.write('proc/swaps', 'Filename Type Size Used Priority\n')
  tree.write('proc/meminfo', 'MemTotal:       16384000 kB\n')
  tree.write('proc/cpuinfo', 'flags\t: svm\n')
  return tree
}

for (const [what, make] of Object.entries(everyHostileFile)) {
  t.test(`${what} in place of any one value of sysfs`, async (t) => {
    for (const value of values) {
      const tree = pc(t)
      if (what === 'missing' && !existsSync(tree.at(value))) continue
      if (what === 'unreadable' && !existsSync(tree.at(value))) continue
      make(tree.at(value))
      const start = fairSeconds()
      const plan = planPassthrough(readTopology(tree.machine), defaultConfig)
      hasReadableRom(tree.machine, gpu)
      findFramebuffer(tree.machine)
      hostCanDraw(tree.machine)
      startsOrSaysWhy(tree.machine)
      t.ok(fairSeconds() - start < 10, `${value} does not hang`)
      const given = plan.devices.filter((device) => device.given)
      t.notOk(
        given.some(({ address }) => address === disk),
        `${value}: the disk of the host stays`,
      )
      t.ok(
        given.every(({ iommuGroup }) => /^\d+$/.test(iommuGroup ?? '')),
        `${value}: groups are numbers`,
      )
      t.equal(
        plan.kind === 'passthrough',
        given.some(({ display }) => display),
        'no GPU, no passthrough',
      )
      for (const { description, reason } of plan.devices) t.match(`${description}: ${reason}`, /^[ -~]+\.$/)
      if (plan.kind === 'none') t.match(plan.reason, /^[ -~]+\.$/)
    }
  })
}

/** Memory and processors are numbers that QEMU can take, or there is a sentence. */
function startsOrSaysWhy(machine: Machine): void {
  try {
    const { cpus, memoryMib } = readMachine(machine)
    const memory = consoleMemoryMib(memoryMib, 'auto', cpus)
    if (!Number.isSafeInteger(memory) || !(cpus >= 1 && cpus <= 255)) throw new Error(`${memory} ${cpus}`)
  } catch (error) {
    if (!(error instanceof DeskvisorError)) throw error
  }
}

t.test('absurd numbers are no machine', async (t) => {
  for (const [meminfo, online] of [
    ['MemTotal: 99999999999999999999999 kB\n', '0-99999\n'],
    ['MemTotal: 0 kB\n', '9-0\n'],
    ['MemTotal: 16384000 kB\n', '0-1,5-3,,x,4\n'],
  ] as const) {
    const tree = pc(t)
    tree.write('proc/meminfo', meminfo)
    tree.write('sys/devices/system/cpu/online', online)
    t.doesNotThrow(() => startsOrSaysWhy(tree.machine))
  }
})
