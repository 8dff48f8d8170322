import assert from 'node:assert/strict'
import { bootLogo } from '../../../orchestrator/console/boot-logo.ts'
import {
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  guestPicture,
  guestRuns,
  hostRuns,
  statusOf,
} from '../expect.ts'
import { firmwareLogo, makerLogo } from '../pc/maker-logo.ts'
import { expectOnly, type Frame } from '../pc/recorder.ts'
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
      const frames = await recording.framesBefore(guestPicture)
      expectOnly(['undrawn', 'black', 'logo', 'guest'], frames)
      assert.ok(
        timesLogoCame(frames) >= 2,
        "The logo was not shown by the PC's firmware and by the console's",
      )
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
    await step('the guest is told of the logo and its place, and can go on showing it', async () => {
      const bgrt = '/sys/firmware/acpi/bgrt'
      const told = await guestRuns(pc, `cat ${bgrt}/xoffset ${bgrt}/yoffset; base64 ${bgrt}/image`)
      const [x, y, ...image] = told.split('\n')
      assert.deepEqual([Number(x), Number(y)], [makerLogo.x, makerLogo.y])
      const place = { x: makerLogo.x, y: makerLogo.y, screen: { width: 1280, height: 800 } }
      assert.deepEqual(bootLogo(Buffer.from(image.join(''), 'base64'), place), firmwareLogo(makerLogo))
    })
    await step('the guest reboots, and its next boot is on the same GPU, as silently', async () => {
      await pc.guest.reboot()
      await eventually('the VM is started again', async () => (await statusOf(pc)).console.starts === 2)
      const again = pc.record('again', { logo: makerLogo })
      await expectDesktop(pc, { boot: boot + 1 })
      const [, ...frames] = await again.framesBefore(new RegExp(`TEST GUEST boot ${boot + 1}\\b`))
      // The first is what the guest left on the screen.
      expectOnly(['black', 'logo', 'guest'], frames)
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

/** How often all of the logo came to a black screen. */
function timesLogoCame(frames: Frame[]): number {
  const sights = frames.map(({ sight }) => sight)
  const kinds = sights
    .filter((sight) => sight.kind === 'black' || (sight.kind === 'logo' && sight.whole))
    .map(({ kind }) => kind)
  return kinds.filter((kind, index) => kind === 'logo' && kinds[index - 1] === 'black').length
}
