import { holdBootKeyUntilMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'late-keyboard',
  'F8 held on a keyboard that is plugged in while the kernel starts shows the menu',
  async (stage) => {
    const pc = await stage.start({ keyboards: [], usbControllers: 1 })
    await pc.waitForKernel()
    await pc.plugKeyboard()
    await holdBootKeyUntilMenu(pc, 'usb')
  },
)
