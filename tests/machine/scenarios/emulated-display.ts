import assert from 'node:assert/strict'
import { consoleRuns, eventually, expectHealthy, statusOf } from '../expect.ts'
import { scenario } from '../scenario.ts'

/** The configuration comes as a systemd credential here, as a fleet would send it. */
const credentials = { 'deskvisor.toml': '[console]\nwithout_gpu = "emulated"\n' }

export default scenario(
  'emulated-display',
  'a PC without an IOMMU starts the desktop on an emulated display, where a credential says so',
  async (stage) => {
    const pc = await stage.startPc({ iommu: false, credentials })
    await eventually('the VM is started', () => consoleRuns(pc), 420)
    await expectHealthy(pc)
    const { intent, passthrough } = await statusOf(pc)
    assert.equal(intent?.intent, 'desktop')
    assert.deepEqual(
      passthrough.filter(({ given }) => given),
      [],
    )
  },
)
