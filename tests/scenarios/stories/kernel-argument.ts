import { expectMenu } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario('pc', 'kernel-argument', 'deskvisor.recovery shows the menu', async (stage) => {
  const { pc } = await stage.resume('menu')
  await expectMenu(pc, 'kernel-argument')
})
