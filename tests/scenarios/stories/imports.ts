import assert from 'node:assert/strict'
import { join } from 'node:path'
import { expectDisk, expectMenu, hostRefuses, hostRuns } from '../expect.ts'
import { goodImages, hostileImages, makeImages } from '../images.ts'
import { scenario } from '../scenario.ts'

const imagesAt = '/run/images'

export default scenario(
  'container',
  'imports',
  'a disk of any kind becomes an operating system, and what is no disk is refused',
  async ({ start, step, folder }) => {
    const content = join(folder, 'images')
    const digest = await makeImages(content)
    const computer = await start({ recovery: true, binds: { [content]: imagesAt } })
    await expectMenu(computer, 'next-boot')

    for (const image of goodImages) {
      await step(`${image} is imported, byte for byte`, async () => {
        const name = image.replaceAll('.', '-')
        await hostRuns(computer, ['deskvisor', 'cartridge', 'import', `${imagesAt}/${image}`, '--name', name])
        await expectDisk(computer, name, digest)
      })
    }
    await step('from a pipe', async () => {
      await hostRuns(computer, `deskvisor cartridge import - --name piped <${imagesAt}/packed.qcow2.zst`)
      await expectDisk(computer, 'piped', digest)
    })
    await step(
      'a truncated image, one that reads another file, and one of 1000 TiB are refused and leave nothing',
      async () => {
        const before = await hostRuns(computer, 'ls -A /var/lib/deskvisor/cartridges')
        for (const image of hostileImages) {
          const source = `${imagesAt}/hostile/${image}`
          const said = await hostRefuses(
            computer,
            ['deskvisor', 'cartridge', 'import', source, '--name', 'hostile'],
            300,
          )
          assert.match(said, /^\S.*\.\n/, `${image}: no sentence`)
        }
        assert.equal(await hostRuns(computer, 'ls -A /var/lib/deskvisor/cartridges'), before)
      },
    )
  },
)
