import { expectMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'lost-keyboard',
  'a PC whose keyboard Linux lost to a key that was held restarts into the menu',
  async ({ startPc, step }) => {
    const pc = await startPc()

    await step('a key comes so fast that Linux finds no keyboard: the PC restarts by itself', async () => {
      const release = pc.hold('f8', 0)
      await pc.waitForEvent('RESET', { timeoutS: 300 })
      await release()
    })
    await step('it shows the menu and why, and the keyboard works', async () => {
      await expectMenu(pc, 'keyboard-lost')
      await pc.screenshot('menu')
      await pc.type('?')
      await pc.waitForScreen(/Ctrl-L/)
    })
  },
)
