import assert from 'node:assert/strict'
import { consoleRuns, eventually, hostRuns, statusOf } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'no-keyboard',
  'a PC without a keyboard starts the desktop without waiting for one',
  async (stage) => {
    const pc = await stage.start({ keyboards: [] })
    await eventually('the VM is started', () => consoleRuns(pc), 420)
    const sampled = JSON.parse(await hostRuns(pc, 'cat /run/deskvisor/boot-key.json')) as {
      keyboards: number
    }
    assert.equal(sampled.keyboards, 0)
    const { intent } = await statusOf(pc)
    assert.equal(intent?.reason.code, 'normal')
    assert.equal(intent?.waitedMs, 0)
  },
)
