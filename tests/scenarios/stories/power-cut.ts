import { randomInt } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { readWriteLog } from '../../sweep/write-log.ts'
import type { Computer } from '../computer.ts'
import { copySparse } from '../container/run-now.ts'
import { startContainer } from '../container/start.ts'
import { expectDesktop, expectHealthy, expectMenu, hostRuns } from '../expect.ts'
import { fairSeconds, until } from '../fair-time.ts'
import { extractPartition, replayWrites } from '../pc/cut-disk.ts'
import { places } from '../pc/places.ts'
import { scenario } from '../scenario.ts'

/** Fair seconds after power-on; from the firmware to a guest that is starting. */
const [earliest, latest] = [3, 60]
const realCuts = 2
const replayedCuts = 15
const data = '/var/lib/deskvisor'

export default scenario(
  'pc',
  'power-cut',
  'a power cut at any moment of the boot leaves a PC that boots',
  async ({ start, step, newDisk, folder, signal }) => {
    const disk = await newDisk()
    for (let number = 1; number <= realCuts; number++) {
      const second = randomInt(earliest, latest)
      await step(`power cut ${number}, ${second} s after power-on: the next boot is fine`, async () => {
        const cut = await start({ disk })
        const end = fairSeconds() + second
        const passed = () => fairSeconds() > end
        await until('the moment of the power cut', passed, { limitS: 2 * latest, signal })
        await cut.cutPower()
        const next = await start({ disk, kernelArguments: ['deskvisor.recovery'] })
        await expectMenu(next, 'kernel-argument')
        await expectNothingLost(next)
        // A cut that came before the desktop was healthy is a failed start.
        const attempts = `${data}/boot/attempts`
        await hostRuns(next, `if test -e ${attempts}; then echo 0 >${attempts}; sync; fi`)
        await next.cutPower()
      })
    }

    const log = join(folder, 'write-log')
    writeFileSync(log, '')
    const before = join(folder, 'before.raw')
    const partition = await extractPartition(disk, 'deskvisor-data', before)
    await step('after them the desktop starts, and the disk is sound', async () => {
      const pc = await start({ disk, writeLog: log })
      await expectDesktop(pc)
      await expectHealthy(pc)
      await hostRuns(pc, `btrfs scrub start -B ${data} && btrfs device stats --check ${data}`, 200)
      await pc.cutPower()
    })
    // Replaying needs mounts.
    if (process.getuid?.() !== 0) return
    await step(`the power cut at ${replayedCuts} of that boot's writes: the next start is fine`, async () => {
      const { records } = readWriteLog(log)
      for (let number = 0; number < replayedCuts; number++) {
        const count = randomInt(1, records.length + 1)
        const file = join(folder, `cut-after-${count}-of-${records.length}`)
        copySparse(before, file)
        replayWrites({ records, count, log, file, partition, keeps: () => randomInt(2) === 0 })
        const options = { results: join(places.results, 'power-cut'), cache: places.cache, signal }
        await using next = await startContainer({ disk: file, recovery: true }, options)
        await expectMenu(next, 'next-boot').catch((error: unknown) => {
          throw new Error(`After ${count} of ${records.length} writes: ${error}`, { cause: error })
        })
        await expectNothingLost(next)
        await next.cutPower()
        rmSync(file)
      }
    })
  },
  { limitS: 2400 },
)

/** Looks from the menu, at a cartridge and a file system that are as they were. */
async function expectNothingLost(computer: Computer): Promise<void> {
  const cartridges = await hostRuns(computer, ['deskvisor', 'cartridge', 'list', '--json'])
  if (!cartridges.includes('"guest"')) throw new Error(cartridges)
  await hostRuns(computer, `btrfs device stats --check ${data}`)
  const leftovers = await hostRuns(computer, `find ${data} -name '*.unreadable-*'`)
  if (leftovers !== '') throw new Error(`Moved aside as unreadable: ${leftovers}`)
}
