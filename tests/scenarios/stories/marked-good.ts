import { eventually, expectHealthy, hostRuns } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'marked-good',
  'a desktop that is healthy marks the boot as good, or the boot loader would give it up after three of them',
  async ({ resume }) => {
    const { pc } = await resume('desktop')
    await expectHealthy(pc)
    await eventually('the boot is marked as good', async () => {
      return (await hostRuns(pc, ['/usr/lib/systemd/systemd-bless-boot', 'status'])).trim() === 'good'
    })
  },
)
