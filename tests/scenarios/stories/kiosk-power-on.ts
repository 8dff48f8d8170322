import assert from 'node:assert/strict'
import { expectDesktop, expectHealthy, guestRuns, hostRuns } from '../expect.ts'
import { scenario } from '../scenario.ts'

const homework = '/var/lib/test-guest/homework'

export default scenario(
  'pc',
  'kiosk-power-on',
  'what a user left in a kiosk is gone after the power was cut, from power-on to the picture of its golden moment',
  async ({ resume, start, step }) => {
    const { pc: before, disk } = await resume('desktop')
    await step('a golden moment is kept of the running desktop, and a user leaves a file', async () => {
      await hostRuns(before, ['deskvisor', 'snapshot', 'take', '--note', 'golden'], 200)
      await hostRuns(before, ['deskvisor', 'cartridge', 'golden', 'guest', 'latest'])
      await hostRuns(before, ['deskvisor', 'cartridge', 'reset', 'guest', 'on'])
      await guestRuns(before, `echo mine >${homework} && sync ${homework}`)
      await before.cutPower()
    })
    await step('switched on, the desktop is as it was in that moment', async () => {
      const pc = await start({ disk })
      // It kept its first boot; the one from it is the second, each time anew.
      assert.equal(await expectDesktop(pc), 2)
      await expectHealthy(pc)
      assert.equal((await pc.guest.exec(['/usr/bin/test', '-e', homework])).status, 1)
    })
  },
)
