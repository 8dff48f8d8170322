import assert from 'node:assert/strict'
import {
  consolePid,
  eventually,
  expectDesktop,
  expectHealthy,
  holdBootKeyUntilMenu,
  hostRuns,
} from '../expect.ts'
import { scenario } from '../scenario.ts'

const tpm = '/var/lib/deskvisor/cartridges/guest/present/tpm'

export default scenario(
  'pc',
  'boot-menu',
  'F8 held leads to the menu, and from there to the desktop',
  async (stage) => {
    const { step } = stage
    const pc = await stage.start()

    await step('F8 held on a PS/2 keyboard shows the menu, and the VM is not started', async () => {
      await holdBootKeyUntilMenu(pc)
      assert.match(await menus(), /deskvisor-tui@tty1/)
      await pc.screenshot('menu')
    })
    await step('the doctor calls the PC by its name, and finds nothing that stands in the way', async () => {
      const said = await hostRuns(pc, ['deskvisor', 'doctor'])
      assert.match(said, /^ok +Computer: QEMU .*Q35/m)
      assert.match(said, /^ok +Disk: /m)
      assert.doesNotMatch(said, /^PROBLEM/m)
    })
    await step('start desktop, chosen in the menu, shows the guest on the same GPU', async () => {
      await hostRuns(pc, ['mkdir', tpm])
      await pc.type('1')
      await expectDesktop(pc)
    })
    await step('a cartridge with a place for a TPM has one, which remembers in the cartridge', async () => {
      assert.equal(await hostRuns(pc, ['systemctl', 'is-active', 'deskvisor-tpm.service']), 'active\n')
      await hostRuns(pc, `test -s ${tpm}/tpm2-00.permall`)
    })
    await step('the watchdog, killed, comes back to the running VM, which notices nothing', async () => {
      await expectHealthy(pc)
      const before = await consolePid(pc)
      assert.ok(before > 0, 'The VM has no process')
      const uptime = await guestUptime()
      const watchdog = await hostRuns(pc, 'systemctl show -P MainPID deskvisor-boot.service')
      await hostRuns(pc, ['kill', '-KILL', watchdog.trim()])
      await eventually('a new watchdog runs', async () => {
        const state = await hostRuns(pc, 'systemctl show -p ActiveState -p MainPID deskvisor-boot.service')
        const pid = /^MainPID=([1-9]\d*)$/m.exec(state)?.[1]
        return /^ActiveState=active$/m.test(state) && pid !== undefined && pid !== watchdog.trim()
      })
      assert.equal(await consolePid(pc), before)
      assert.equal(await menus(), '', 'A menu was started beside the running VM')
      assert.ok((await guestUptime()) > uptime, 'The guest was restarted')
    })
    await step('the guest shuts down, and the PC switches itself off', async () => {
      await pc.guest.shutdown()
      assert.equal(await pc.waitForExit(180), 'powered-off')
    })

    function menus(): Promise<string> {
      return hostRuns(pc, 'systemctl list-units --no-legend "deskvisor-tui@*" "deskvisor-shell@*"')
    }

    async function guestUptime(): Promise<number> {
      const { stdout } = await pc.guest.exec(['/bin/cat', '/proc/uptime'])
      return Number.parseFloat(stdout)
    }
  },
)
