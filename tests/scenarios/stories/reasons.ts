import assert from 'node:assert/strict'
import { eventually, expectDesktop, expectMenu, hostRuns, restartHost } from '../expect.ts'
import { scenario } from '../scenario.ts'

const data = '/var/lib/deskvisor'

export default scenario(
  'container',
  'reasons',
  'each thing that speaks against the desktop leads to the menu with its reason',
  async (stage) => {
    const { step } = stage
    const pc = await stage.start({ recovery: true })
    await expectMenu(pc, 'next-boot')

    await step('the next-boot flag', async () => {
      await hostRuns(pc, ['deskvisor', 'recovery', '--next-boot'])
      await restartHost(pc)
      await expectMenu(pc, 'next-boot')
      assert.notEqual((await pc.shell(`test -e ${data}/boot/next`)).status, 0, 'The flag must work once only')
    })
    await step('three failed starts', async () => {
      await hostRuns(pc, `echo 3 >${data}/boot/attempts && sync`)
      await restartHost(pc)
      await expectMenu(pc, 'failed-starts')
    })
    await step('a broken configuration, with key and line', async () => {
      await hostRuns(
        pc,
        `echo 0 >${data}/boot/attempts && mv ${data}/deskvisor.toml ${data}/good.toml &&
        printf '[boot]\\nkey = "f99"\\n' >${data}/deskvisor.toml && sync`,
      )
      await restartHost(pc)
      const text = await expectMenu(pc, 'invalid-config')
      assert.match(text, /key/)
      assert.match(text, /line 2/)
    })
    await step('no cartridge', async () => {
      await hostRuns(
        pc,
        `mv ${data}/good.toml ${data}/deskvisor.toml && mv ${data}/console/cartridge ${data}/kept && sync`,
      )
      await restartHost(pc)
      await expectMenu(pc, 'no-cartridge')
    })
    await step('with all of that put right, the desktop again', async () => {
      await hostRuns(pc, `mv ${data}/kept ${data}/console/cartridge && sync`)
      await restartHost(pc)
      await expectDesktop(pc)
      await eventually(
        'nothing was deleted',
        async () => (await pc.shell(`ls ${data}/cartridges/guest`)).status === 0,
      )
    })
  },
  { limitS: 1500 },
)
