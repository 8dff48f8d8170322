import { expectDesktop, expectHealthy, expectMenu, killConsole, killUntilRestart } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'container',
  'crashes',
  'a VM that hangs or dies comes back, until it dies too often',
  async ({ start, step }) => {
    const computer = await start()
    const first = await expectDesktop(computer)

    await step('the VM is killed, and started again', async () => {
      await killConsole(computer)
      await expectDesktop(computer, { boot: first + 1 })
    })
    await step('the guest hangs, and is started again', async () => {
      await expectHealthy(computer)
      await computer.guest.hang()
      await expectDesktop(computer, { boot: first + 2 })
    })
    await step('the VM dies a third time within five minutes: the menu says why', async () => {
      await killUntilRestart(computer)
      await expectMenu(computer, 'crash-loop')
    })
  },
)
