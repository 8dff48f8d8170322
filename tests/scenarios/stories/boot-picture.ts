import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bootLogo } from '../../../orchestrator/console/boot-logo.ts'
import { eventually, expectDesktop, expectHealthy, guestPicture, guestRuns } from '../expect.ts'
import { encodeBmp, firmwareLogo, wholeScreenLogo } from '../pc/maker-logo.ts'
import { expectOnly } from '../pc/recorder.ts'
import { scenario } from '../scenario.ts'

const sentence =
  "an emulated display shows the computer's own logo, or nothing, until its operating system draws"
const logo = wholeScreenLogo

export default scenario('container', 'boot-picture', sentence, async (stage) => {
  const { step } = stage
  const bmp = encodeBmp(logo.picture)
  const start = async (image: Buffer) =>
    stage.start({ binds: { [await firmwareTables(stage.folder, image)]: '/sys/firmware' } })

  await step('a computer whose logo is damaged shows nothing', async () => {
    await using pc = await start(bmp.subarray(0, -1))
    const recording = pc.record('no-logo')
    await expectDesktop(pc)
    const frames = await recording.framesBefore(guestPicture)
    expectOnly(['undrawn', 'black', 'guest'], frames)
  })

  const pc = await start(bmp)
  const recording = pc.record('logo', { logo })
  await step('a computer with a logo shows it, and nothing else', async () => {
    await expectDesktop(pc)
    const frames = await recording.framesBefore(guestPicture)
    expectOnly(['undrawn', 'black', 'logo', 'guest'], frames)
    const whole = frames.some(({ sight }) => sight.kind === 'logo' && sight.whole)
    assert.ok(whole, 'All of the logo was never on the screen')
  })
  await step('the operating system is told of it, and can go on showing it', async () => {
    await expectHealthy(pc)
    const told = await guestRuns(pc, 'base64 /sys/firmware/acpi/bgrt/image')
    const { x, y, picture } = logo
    const screen = { width: picture.width, height: picture.height }
    assert.deepEqual(bootLogo(Buffer.from(told, 'base64'), { x, y, screen }), firmwareLogo(logo))
  })
  await step('what the firmware says when it finds nothing to start is shown', async () => {
    const destroyed = pc.record('destroyed', { logo })
    const zeros = ['/bin/dd', 'if=/dev/zero', 'of=/dev/vda', 'bs=1M', 'count=100', 'conv=fsync']
    assert.equal((await pc.guest.exec(zeros)).status, 0)
    await pc.guest.reboot()
    // The logo comes again as well; a busy machine may be too slow to catch it.
    await eventually('words are there', async () => destroyed.frames.at(-1)?.sight.kind === 'foreign')
    await destroyed.stop()
  })
})

/** What Linux shows of the firmware's tables, for a computer whose logo is this file. */
async function firmwareTables(folder: string, image: Buffer): Promise<string> {
  const firmware = join(folder, `firmware-${image.length}`)
  const bgrt = join(firmware, 'acpi/bgrt')
  await mkdir(bgrt, { recursive: true })
  for (const [name, content] of Object.entries({ image, xoffset: '0\n', yoffset: '0\n' })) {
    await writeFile(join(bgrt, name), content)
  }
  return firmware
}
