import t from 'tap'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { Tree } from '../fixtures/tree.ts'

t.test('only / is the running machine', async (t) => {
  t.equal(machineAt('/').live, true)
  t.equal(machineAt('/').paths.config, '/var/lib/deskvisor/deskvisor.toml')
  t.equal(machineAt('/mnt').live, false)
  t.equal(machineAt('/mnt').paths.config, '/mnt/var/lib/deskvisor/deskvisor.toml')
})

t.test('in a file tree no unit runs, and what systemd is told there is done by nobody', async (t) => {
  const { systemctl } = new Tree(t).machine
  t.same(await systemctl('poweroff'), { status: 0, stdout: '', stderr: '' })
  t.match(await systemctl('show', '--property=Id,ActiveState', 'one.service', 'two.service'), {
    stdout: 'Id=one.service\nActiveState=inactive\n\nId=two.service\nActiveState=inactive\n',
  })
})
