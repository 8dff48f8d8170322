import { expectMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'lost-keyboard',
  'F8 held on a keyboard that Linux gives up restarts the PC into the menu',
  async ({ start, step }) => {
    // Linux gives it up once in thirty times; left out altogether, the controller is in the same state every time.
    const pc = await start({ kernelArguments: ['initcall_blacklist=i8042_init'] })
    const release = pc.hold('f8')

    await step('the PC restarts by itself', async () => {
      await pc.waitForEvent('RESET', { limitS: 300 })
    })
    await step('it shows the menu, and why', async () => {
      await expectMenu(pc, 'keyboard-lost')
      await pc.screenshot('menu')
      await release()
    })
  },
)
