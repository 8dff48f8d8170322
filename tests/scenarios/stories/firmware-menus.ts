import { join } from 'node:path'
import { eventually, guestPicture } from '../expect.ts'
import { firmwareLogo, makerLogo } from '../pc/maker-logo.ts'
import { places } from '../pc/places.ts'
import { overlay } from '../pc/prepared.ts'
import { expectOnly, type Frame } from '../pc/recorder.ts'
import { scenario } from '../scenario.ts'

const sentence =
  "behind the boot picture, an operating system's boot menu and the firmware's own setup can be used"
const logo = makerLogo

/** The test guest by itself, on the firmware of a PC that has the boot picture: what the console is, without a host around it. */
export default scenario('pc', 'firmware-menus', sentence, async (stage) => {
  const { step } = stage
  let disks = 0
  const start = async (given: Uint8Array, keyWaitMs?: number) => {
    const disk = await overlay(places.testGuest, join(stage.folder, `guest-${disks++}`), 'raw')
    return stage.start({ disk, iommu: false, logo: given, ...(keyWaitMs ? { keyWaitMs } : {}) })
  }

  await step('a key held shows the boot menu, and Enter starts what was chosen in it', async () => {
    await using pc = await start(firmwareLogo(logo))
    const recording = pc.record('boot-menu', { logo })
    const release = pc.hold('spc')
    await eventually('a menu is there', async () => recording.has('foreign'))
    await release()
    expectLogoOnlyBefore(await recording.stop(), 'logo')
    await pc.screenshot('boot-menu')
    await pc.tap('enter')
    await pc.waitForScreen(guestPicture)
  })
  await step('the key of the setup shows the setup', async () => {
    // Otherwise the firmware looks for the key once, and a held one is not seen every time.
    await using pc = await start(firmwareLogo(logo), 10_000)
    const recording = pc.record('setup', { logo })
    const release = pc.hold('esc')
    await eventually('the screen is full', async () => {
      const frame = recording.frames.at(-1)
      return frame?.sight.kind === 'foreign' && frame.sight.box.bottom - frame.sight.box.top > 400
    })
    await release()
    await recording.stop()
  })
  for (const [what, damaged] of damagedLogos()) {
    await step(`a logo that ${what} is not shown, and the menu is there all the same`, async () => {
      await using pc = await start(damaged)
      const recording = pc.record(what.replaceAll(' ', '-'), { logo })
      const release = pc.hold('spc')
      await eventually('a menu is there', async () => recording.has('foreign'))
      await release()
      expectLogoOnlyBefore(await recording.stop(), 'nothing')
    })
  }
})

function expectLogoOnlyBefore(frames: Frame[], expected: 'logo' | 'nothing'): void {
  const before = frames.slice(
    0,
    frames.findIndex(({ sight }) => sight.kind === 'foreign'),
  )
  expectOnly(expected === 'logo' ? ['undrawn', 'black', 'logo'] : ['undrawn', 'black'], before)
  if (expected === 'logo' && !before.some(({ sight }) => sight.kind === 'logo'))
    throw new Error('The logo was never on the screen')
}

/** What a hostile host could hand over; boot-picture.c looks at each of these numbers. */
function damagedLogos(): [string, Uint8Array][] {
  const changed = (index: number, value: number) => {
    const bytes = firmwareLogo(logo)
    bytes.writeUInt32LE(value, index * 4)
    return bytes
  }
  return [
    ['is cut short', firmwareLogo(logo).subarray(0, -1)],
    ['says it is wider', changed(1, 0xffff_ffff)],
    ['says it is higher', changed(2, 8192)],
  ]
}
