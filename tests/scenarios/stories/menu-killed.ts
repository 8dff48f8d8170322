import { eventually, hostRuns, menu } from '../expect.ts'
import type { Pc } from '../pc/pc.ts'
import { scenario } from '../scenario.ts'

export default scenario('pc', 'menu-killed', 'the menu is hard to lose', async (stage) => {
  const { step } = stage
  const { pc } = await stage.resume('menu')
  await pc.waitForScreen(menu)
  for (const time of ['first', 'second']) {
    await step(`the menu, killed a ${time} time, comes back`, async () => {
      const before = await menuProcess(pc)
      await pc.shell(['kill', '-KILL', before])
      await eventually('another menu runs', async () => !['0', before].includes(await menuProcess(pc)))
      await expectAnswer(pc)
    })
  }
  await step('killed a third time, it leaves a root shell', async () => {
    await pc.shell(['kill', '-KILL', await menuProcess(pc)])
    await pc.waitForScreen(/root shell.*root@\S+#/s, { limitS: 90 })
    await pc.type('echo uid=$(id -u)\n')
    await pc.waitForScreen(/uid=0/, { limitS: 30 })
  })
  await step('exit leads from there to the menu', async () => {
    await pc.type('exit\n')
    await expectAnswer(pc)
  })
})

/** What a menu has drawn stays on the screen when it is killed: only one that runs shows its help and comes back from there. */
async function expectAnswer(pc: Pc): Promise<void> {
  await eventually('the menu shows its help', async () => {
    await pc.type('?')
    return /recovery: help/i.test(await pc.screenText())
  })
  await pc.tap('esc')
  await pc.waitForScreen(menu, { limitS: 60 })
}

/** Process id of the menu on tty1, `0` between two of them. */
async function menuProcess(pc: Pc): Promise<string> {
  return (await hostRuns(pc, 'systemctl show -P MainPID deskvisor-tui@tty1.service')).trim()
}
