import assert from 'node:assert/strict'
import {
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  guestPicture,
  guestRuns,
  hostRuns,
} from '../expect.ts'
import { firmwareLogo, makerLogo } from '../pc/maker-logo.ts'
import { expectOnly, framesBefore } from '../pc/recorder.ts'
import { scenario } from '../scenario.ts'

const sentence = 'an untouched PC shows the guest, and nothing of the host'

export default scenario(
  'pc',
  'silent-boot',
  sentence,
  async (stage) => {
    const { step } = stage
    const pc = await stage.start({ cpus: 2, logo: firmwareLogo(makerLogo) })
    const recording = pc.record('silent', { logo: makerLogo })

    const boot = await step('the guest draws its picture on the passed GPU', () => expectDesktop(pc))
    await step("no screen on the way there had anything on it but the PC's own logo", async () => {
      const frames = framesBefore(guestPicture, await recording.stop())
      expectOnly(['undrawn', 'black', 'logo', 'guest'], frames)
    })
    await step('one Deskvisor process is left', async () => {
      const programs = await hostRuns(pc, 'readlink /proc/[0-9]*/exe || true')
      const deskvisor = programs.split('\n').filter((path) => path === '/usr/bin/deskvisor')
      assert.equal(deskvisor.length, 1, `Running:\n${programs}`)
    })
    await step('the guest answers, has all processors, and the attempts are cleared', async () => {
      await expectHealthy(pc)
      assert.equal(await guestRuns(pc, ['/usr/bin/nproc']), '2\n')
      assert.equal(await hostRuns(pc, 'cat /var/lib/deskvisor/boot/attempts'), '0\n')
    })
    await step('the guest reboots, and its next boot is on the same GPU', async () => {
      await pc.guest.reboot()
      await expectDesktop(pc, { boot: boot + 1 })
    })
    await step('the guest reboots while F8 is held, and the menu says so', async () => {
      await expectHealthy(pc)
      const boots = pc.hostBoots
      const release = pc.hold('f8')
      await pc.guest.reboot()
      await eventually('the host restarted', async () => pc.hostBoots > boots, 240)
      await release()
      await expectMenu(pc, 'boot-key')
    })
  },
  { limitS: 900 },
)
