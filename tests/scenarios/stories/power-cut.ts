import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectDesktop, expectMenu, hostRuns } from '../expect.ts'
import { scenario } from '../scenario.ts'

/** Milliseconds after power-on; from the firmware to a guest that is starting. */
const [earliest, latest] = [3000, 75_000]
const data = '/var/lib/deskvisor'

export default scenario(
  'pc',
  'power-cut',
  'a power cut at any moment of the boot leaves a PC that boots',
  async (stage) => {
    const disk = await stage.newDisk()
    for (let number = 1; number <= 10; number++) {
      const moment = randomInt(earliest, latest)
      await stage.step(
        `power cut ${number}, ${(moment / 1000).toFixed(1)} s after power-on: the next boot is fine`,
        async () => {
          const pc = await stage.start({ disk })
          await sleep(moment, undefined, { signal: stage.signal })
          await pc.cutPower()
          await nextBootIsFine()
        },
      )
    }
    await stage.step('after all of them the desktop starts', async () => {
      const pc = await stage.start({ disk })
      await expectDesktop(pc)
      await hostRuns(pc, `btrfs scrub start -B ${data} && btrfs device stats --check ${data}`, 120)
      await pc.cutPower()
    })

    /** Looks from the menu; a cut that came before the desktop was healthy is a failed start, which it clears. */
    async function nextBootIsFine(): Promise<void> {
      const pc = await stage.start({ disk, kernelArguments: ['deskvisor.recovery'] })
      await expectMenu(pc, 'kernel-argument')
      const cartridges = JSON.parse(
        await hostRuns(pc, ['deskvisor', 'cartridge', 'list', '--json']),
      ) as unknown
      if (!JSON.stringify(cartridges).includes('"guest"')) throw new Error(JSON.stringify(cartridges))
      await hostRuns(pc, `btrfs device stats --check ${data}`)
      const leftovers = await hostRuns(pc, `find ${data} -name '*.unreadable-*'`)
      if (leftovers !== '') throw new Error(`Moved aside as unreadable: ${leftovers}`)
      await hostRuns(pc, `if test -e ${data}/boot/attempts; then echo 0 >${data}/boot/attempts; sync; fi`)
      await pc.cutPower()
    }
  },
  { limitS: 2700 },
)
