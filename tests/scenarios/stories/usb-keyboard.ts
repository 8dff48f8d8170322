import { holdBootKeyUntilMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario('usb-keyboard', 'F8 held on a USB keyboard shows the menu', async (stage) => {
  const pc = await stage.startPc({ keyboards: ['usb'] })
  await holdBootKeyUntilMenu(pc, 'usb')
})
