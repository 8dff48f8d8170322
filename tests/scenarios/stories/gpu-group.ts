import assert from 'node:assert/strict'
import { expectMenu, hostRuns, statusOf } from '../expect.ts'
import { scenario } from '../scenario.ts'

const sentence = 'a GPU that shares its IOMMU group with the system disk stays with the host'

export default scenario('pc', 'gpu-group', sentence, async (stage) => {
  const { step } = stage
  const pc = await stage.start({ gpuGroupMate: 'disk' })
  await step('the menu says that no GPU can be given', () => expectMenu(pc, 'no-passthrough'))
  await step('the plan names the reason for the GPU', async () => {
    const { passthrough } = await statusOf(pc)
    const gpu = passthrough.find((device) => /vga|display|1234:1111|gpu|graphics/i.test(device.description))
    assert.ok(gpu, `No GPU in ${JSON.stringify(passthrough)}`)
    assert.equal(gpu.given, false)
    assert.notEqual(gpu.reason, '')
  })
  await step('nothing is bound to vfio-pci', async () => {
    const drivers = await hostRuns(pc, 'readlink /sys/bus/pci/devices/*/driver')
    assert.match(drivers, /virtio-pci/)
    assert.doesNotMatch(drivers, /vfio-pci/)
  })
})
