import assert from 'node:assert/strict'
import { expectDesktop, expectHealthy, guestRuns, hostRuns, statusOf } from '../expect.ts'
import { scenario } from '../scenario.ts'

const uuid = 'cat /sys/class/dmi/id/product_uuid'

export default scenario(
  'pc',
  'switch-power-on',
  'another operating system that was inserted while the desktop ran is the desktop of the next power-on',
  async ({ resume, start, step }) => {
    const { pc: before, disk } = await resume('desktop')
    const first = await guestRuns(before, uuid)
    await step('a copy is inserted, and the desktop shuts the PC down', async () => {
      await hostRuns(before, ['deskvisor', 'cartridge', 'clone', 'guest', 'second'], 200)
      await hostRuns(before, ['deskvisor', 'cartridge', 'insert', 'second'])
      await before.guest.shutdown()
      assert.equal(await before.waitForExit(), 'powered-off')
    })
    await step('switched on, the PC plays the copy, which is another machine', async () => {
      const pc = await start({ disk })
      await expectDesktop(pc)
      await expectHealthy(pc)
      assert.equal((await statusOf(pc)).operatingSystem?.name, 'second')
      assert.notEqual(await guestRuns(pc, uuid), first)
    })
  },
)
