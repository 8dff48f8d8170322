import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { eventLog } from '../../../orchestrator/console/qemu-control.ts'
import { unitProperties } from '../../../orchestrator/console/unit.ts'

const qemu = 'qemu-system-x86_64'
const missing = spawnSync(qemu, ['--version']).error !== undefined

t.test(
  'QEMU tells its end to its output with nobody attached',
  { skip: missing && 'no QEMU here' },
  async (t) => {
    const properties = unitProperties({
      user: 'x',
      groups: [],
      sees: { writable: [], readable: [] },
      command: [],
    })
    const [, , input] = properties.find(([name]) => name === 'StandardInputData') ?? []
    // No machine at all: only the monitor is of interest.
    const child = spawn(qemu, ['-machine', 'none', '-nodefaults', '-display', 'none', ...eventLog()])
    t.teardown(() => child.kill('SIGKILL'))
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
      if (said.includes('"return"')) child.kill('SIGTERM')
    })
    child.stdin.end(input)
    const [status] = await once(child, 'close')
    t.equal(status, 0, 'ends as it would without')
    t.match(said, /"event": "SHUTDOWN", "data": \{"guest": false, "reason": "host-signal"\}/)
  },
)
