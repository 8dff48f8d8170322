import { holdBootKeyUntilMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario('pc', 'usb-keyboard', 'F8 held on a USB keyboard shows the menu', async (stage) => {
  const pc = await stage.start({ keyboards: ['usb'] })
  await holdBootKeyUntilMenu(pc, 'usb')
})
