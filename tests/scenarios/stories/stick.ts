import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectDisk, expectMenu, hostRuns } from '../expect.ts'
import { until } from '../fair-time.ts'
import { makeImages, makeStick, sha256 } from '../images.ts'
import type { Pc } from '../pc/pc.ts'
import { scenario } from '../scenario.ts'

const stickAt = '/run/deskvisor/media/sda'

export default scenario(
  'pc',
  'stick',
  'a stick that is plugged in while the menu is open brings an operating system',
  async ({ resume, step, folder }) => {
    const content = join(folder, 'images')
    const stick = join(folder, 'stick.raw')
    const digest = await makeImages(content)
    await makeStick(content, stick)
    const { pc } = await resume('menu')
    await expectMenu(pc, 'kernel-argument')
    await pc.plugStick(stick)

    await step('the menu finds the images on the stick, and brings one in', async () => {
      await pc.type('3')
      await pc.waitForScreen(/bring in another one/i)
      await selectUntil(pc, /copies an installed operating system/i)
      await pc.tap('enter')
      await pc.waitForScreen(/choose the disk to copy from/i)
      await selectUntil(pc, /media\/sda\/from-qemu\.qcow2/)
      await pc.screenshot('stick')
      await pc.tap('enter')
      await pc.waitForScreen(/what shall it be called/i)
      await pc.tap('enter')
      await pc.waitForScreen(/is there now/i)
      await expectDisk(pc, 'from-qemu', digest)
    })
    await step('a program imports from it as well, and from the stick as a whole', async () => {
      const image = `${stickAt}/packed.raw.xz`
      await hostRuns(pc, ['deskvisor', 'cartridge', 'import', image, '--name', 'packed'], 300)
      await expectDisk(pc, 'packed', digest)
      await hostRuns(pc, ['umount', stickAt])
      await hostRuns(pc, ['deskvisor', 'cartridge', 'import', '/dev/sda', '--name', 'whole-stick'], 300)
      await expectDisk(pc, 'whole-stick', sha256(await readFile(stick)))
    })
  },
)

/** Goes down the list until what is said about the selected line matches. */
async function selectUntil(pc: Pc, about: RegExp): Promise<void> {
  let last = ''
  for (let lines = 0; lines < 20; lines++) {
    const text = await pc.screenText()
    if (about.test(text)) return
    last = text
    await pc.tap('down')
    // The next look is at what the key changed; at the end of the list it changes nothing.
    await until('another line', async () => (await pc.screenText()) !== last, { limitS: 10 }).catch(() => {})
  }
  throw new Error(`Nothing in the list says ${about}:\n${last}`)
}
