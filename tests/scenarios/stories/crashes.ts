import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  consolePid,
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  hostRuns,
  statusOf,
} from '../expect.ts'
import type { Pc } from '../pc/pc.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'crashes',
  'a VM that hangs or dies comes back, until it dies too often',
  async (stage) => {
    const { step } = stage
    const pc = await stage.start()
    // Linux may lose a PS/2 keyboard to a key that is held when it starts: lost-keyboard.
    await pc.waitForKernel()
    await sleep(10_000)
    const release = pc.hold('f9')
    const first = await step('with a key held that is not the boot key, the desktop starts', () =>
      expectDesktop(pc),
    )
    await release()
    await step('the decision waited no longer than a keyboard needs', async () => {
      const { intent } = await statusOf(pc)
      assert.equal(intent?.reason.code, 'normal')
      assert.ok((intent?.waitedMs ?? Number.NaN) <= 100, `It waited ${intent?.waitedMs} ms`)
    })

    await step('the VM is killed, and started again', async () => {
      await killConsole(pc)
      await expectDesktop(pc, { boot: first + 1 })
    })
    await step('the guest hangs, and is started again', async () => {
      await expectHealthy(pc)
      await pc.guest.hang()
      await expectDesktop(pc, { boot: first + 2 })
    })
    await step('the VM dies a third time within five minutes: the menu says why', async () => {
      const boots = pc.hostBoots
      await eventually(
        'the host restarts after the VM was killed again and again',
        async () => {
          if (pc.hostBoots === boots && (await answered(pc))) await killConsole(pc).catch(() => undefined)
          return pc.hostBoots > boots
        },
        420,
      )
      const text = await expectMenu(pc, 'crash-loop')
      assert.match(text, /crash|ended|died|stopped/i)
    })
  },
  { limitS: 1500 },
)

async function killConsole(pc: Pc): Promise<void> {
  const pid = await consolePid(pc)
  if (pid > 0) await hostRuns(pc, ['kill', '-KILL', String(pid)])
}

/** True once QEMU answered the watchdog: a VM that is killed before that is a start that failed, another reason. */
async function answered(pc: Pc): Promise<boolean> {
  const command = `grep -q '"running": *true' /run/deskvisor/watchdog.json`
  return (await pc.shell(command).catch(() => ({ status: 1 }))).status === 0
}
