import assert from 'node:assert/strict'
import { destroyGuest, expectDesktop, holdBootKeyUntilMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'destroyed',
  'a desktop that destroyed itself is back after F8 and three keys, from power-on to its picture',
  async ({ resume, start, step }) => {
    const { pc: before, disk } = await resume('desktop')
    await step('the guest destroys its own boot loader, and the power is cut', async () => {
      await destroyGuest(before)
      await before.cutPower()
    })
    const pc = await start({ disk })
    await step('F8 held shows the menu', async () => {
      await holdBootKeyUntilMenu(pc)
      await pc.screenshot('menu')
    })
    await step('Enter, Enter, Enter: the desktop is back, as it was before that start', async () => {
      await pc.tap('enter')
      await pc.waitForScreen(/known good/i)
      await pc.screenshot('moments')
      await pc.tap('enter')
      await pc.waitForScreen(/go back to this moment/i)
      await pc.screenshot('question')
      await pc.tap('enter')
      assert.equal(await expectDesktop(pc), 1)
    })
  },
)
