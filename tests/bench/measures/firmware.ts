import type { Pc } from '../../scenarios/pc/pc.ts'
import { preparedDisk } from '../../scenarios/pc/prepared.ts'
import { consoleStarts, withPc } from '../console-pc.ts'
import { list, type Measure, median } from '../row.ts'
import { stockCredentials, stockDisk, stockUnit } from '../stock-disk.ts'
import { kernelStart, unitStart } from '../times.ts'

const firmware: Measure = {
  name: 'firmware',
  sentence: 'power-on until the VM is started, against a stock mkosi image of the same packages',
  async take(rounds, log) {
    const ourDisk = await preparedDisk()
    const theirDisk = await stockDisk(log)
    const ours: Boot[] = []
    const theirs: Boot[] = []
    for (let round = 1; round <= rounds; round++) {
      ours.push(await withPc('ours', { file: ourDisk }, {}, bootOurs))
      theirs.push(await withPc('stock', { file: theirDisk }, { credentials: stockCredentials }, bootStock))
      const seconds = [ours, theirs].map((boots) => boots.at(-1)?.whole ?? 0)
      log(`round ${round}: ${list(seconds)} s`)
    }
    const whole = (boots: Boot[]) => boots.map((boot) => boot.whole)
    const kernel = (boots: Boot[]) => list([median(boots.map((boot) => boot.kernel))])
    const uncertainty = Math.max(...[...ours, ...theirs].map((boot) => boot.uncertainty))
    return [
      {
        name: 'firmware → VM started',
        unit: 's',
        figure: median(whole(ours)),
        baseline: median(whole(theirs)),
        target: { of: 'ratio', atMost: 0.5 },
        note:
          "wall clock of the machine that runs the virtual PC, from power-on (QMP cont) to the exec of the console's QEMU, against " +
          `the exec of a service that multi-user.target wants; ± ${list([uncertainty])} s; of that until the kernel runs (firmware, ` +
          `loader): ${kernel(ours)} against ${kernel(theirs)}; s: ${list(whole(ours))} against ${list(whole(theirs))}`,
      },
    ]
  },
}

export default firmware

/** Seconds from power-on: to the kernel, and to the VM. */
type Boot = { kernel: number; whole: number; uncertainty: number }

async function bootOurs(pc: Pc): Promise<Boot> {
  await consoleStarts(pc)
  return bootOf(pc, 'deskvisor-console.service')
}

async function bootStock(pc: Pc): Promise<Boot> {
  await pc.hostIsUp(400)
  await pc.shell('systemctl is-system-running --wait', { limitS: 400 })
  return bootOf(pc, stockUnit)
}

async function bootOf(pc: Pc, unit: string): Promise<Boot> {
  const kernel = await kernelStart(pc)
  const start = await unitStart(pc, unit)
  return {
    kernel: kernel.seconds,
    whole: kernel.seconds + start.monotonicUs / 1e6,
    uncertainty: kernel.uncertainty,
  }
}
