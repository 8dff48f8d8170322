import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { examine } from '../../../orchestrator/commands/doctor.ts'
import { planPassthrough, readTopology } from '../../../orchestrator/devices/index.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { makeSysfs } from '../fixtures/sysfs.ts'
import { Tree } from '../fixtures/tree.ts'

t.test('a processor that is emulated gets no device, and the plan says why', async (t) => {
  const root = t.testdir()
  const machine = machineAt(root)
  makeSysfs(root, [{ address: '0000:01:00.0', class: '0x030000', group: '1' }])
  const config = { passthrough: { keep: [] } }
  t.equal(planPassthrough(readTopology(machine), config).kind, 'passthrough')
  const plan = planPassthrough(readTopology(machine), config, { kvm: false })
  t.match(plan, { kind: 'none', reason: /no virtualisation/ })
  t.same(
    plan.devices.filter(({ given }) => given),
    [],
  )
})

t.test('doctor says what a processor without virtualisation means for the desktop', async (t) => {
  const tree = new Tree(t)
  const check = () => examine(tree.machine).find(({ name }) => name === 'CPU virtualisation')
  t.match(check(), { result: 'problem', text: /the desktop cannot start/, advice: /without_kvm = "emulate"/ })
  writeFileSync(join(tree.root, 'var/lib/deskvisor/deskvisor.toml'), '[console]\nwithout_kvm = "emulate"\n')
  t.match(check(), { result: 'warning', text: /processor is emulated, which is many times slower/ })
})
