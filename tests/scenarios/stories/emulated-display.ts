import assert from 'node:assert/strict'
import { consoleRuns, eventually, statusOf } from '../expect.ts'
import type { Pc } from '../pc/pc.ts'
import { scenario } from '../scenario.ts'

/** The configuration comes as a systemd credential here, as a fleet would send it. */
const credentials = { 'deskvisor.toml': '[console]\nwithout_gpu = "emulated"\n' }

export default scenario(
  'pc',
  'emulated-display',
  'a PC without an IOMMU starts the desktop on an emulated display, where a credential says so',
  async (stage) => {
    const pc = await stage.start({ iommu: false, credentials })
    await eventually('the VM is started', () => consoleRuns(pc), 420)
    // A processor that is emulated twice draws on an emulated display, too: longer than the six minutes of a healthy desktop.
    await eventually('the guest agent answers', () => answers(pc), 600)
    const { intent, passthrough } = await statusOf(pc)
    assert.equal(intent?.intent, 'desktop')
    assert.notEqual(passthrough.length, 0, 'No device was looked at')
    assert.deepEqual(
      passthrough.filter(({ given }) => given),
      [],
    )
  },
  { limitS: 1200 },
)

function answers(pc: Pc): Promise<boolean> {
  return pc.guest.exec(['/bin/true']).then(
    ({ status }) => status === 0,
    () => false,
  )
}
