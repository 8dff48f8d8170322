import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createCartridge, readCartridge } from '../../../orchestrator/cartridges/index.ts'
import { allocatedBytes } from '../../../orchestrator/host/extents.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { runOrThrow } from '../../../orchestrator/host/process.ts'
import {
  deleteSnapshot,
  readTimeline,
  rollBack,
  takeSnapshot,
} from '../../../orchestrator/snapshots/index.ts'
import { DataPartition, noDataPartition } from '../data-partition.ts'
import { list, type Measure, median, type Row } from '../row.ts'
import { gibibyte, scatter, writeAtRandom } from '../scatter.ts'

const name = 'gondor'
const diskBytes = gibibyte
const pieces = 60_000
const written = 64

const alternatives: Measure = {
  name: 'alternatives',
  sentence: 'rollback against qemu-img snapshot -a and cp --reflink of the same data',
  skip: noDataPartition,
  async take(rounds) {
    using partition = new DataPartition(24 * gibibyte)
    const { machine } = partition
    const { disk } = await createCartridge({ machine, name, sizeBytes: diskBytes })
    scatter(disk, { pieces, over: diskBytes })
    const { extents } = await allocatedBytes(disk)
    const snapshot = String((await takeSnapshot(machine, name, { kind: 'manual' }))?.name)
    const qcow2 = join(machine.paths.data, 'other.qcow2')
    await runOrThrow('qemu-img', ['convert', '-O', 'qcow2', disk, qcow2])
    await runOrThrow('qemu-img', ['snapshot', '-c', 'moment', qcow2])
    const copy = join(machine.paths.data, 'copy.raw')
    const ms = { ours: [] as number[], qemuImg: [] as number[], cp: [] as number[], bare: [] as number[] }
    // What a copy and a roll back leave has to be cleared away each time, which takes longer than they do.
    for (let round = 0; round < rounds / 3; round++) {
      writeAtRandom(readCartridge(machine, name).disk, { pieces: written, over: diskBytes })
      ms.ours.push(await timed(partition, () => rollBack(machine, name, snapshot)))
      await removeSaved(machine, snapshot)
      ms.qemuImg.push(
        await timed(partition, () => runOrThrow('qemu-img', ['snapshot', '-a', 'moment', qcow2])),
      )
      const present = readCartridge(machine, name).disk
      ms.cp.push(await timed(partition, () => runOrThrow('cp', ['--reflink=always', present, copy])))
      rmSync(copy)
      ms.bare.push(await timed(partition, () => runOrThrow('qemu-img', ['--version'])))
    }
    const against = (what: string, theirs: number[], target: Row['target'], note: string): Row => ({
      name: `rollback against ${what}`,
      unit: 'ms',
      figure: median(ms.ours),
      baseline: median(theirs),
      target,
      note: `${extents} extents; rollBack() in this process ${note}; ms: ${list(ms.ours)} against ${list(theirs)}`,
    })
    const start = `${list([median(ms.bare)])} ms of theirs are the start of a program`
    return [
      against(
        'qemu-img snapshot -a',
        ms.qemuImg,
        // Theirs takes longer the more the image holds, so there is no one figure; and it keeps nothing of before.
        { of: 'none' },
        `also keeps the present before, which they do not; ${start}`,
      ),
      against(
        'cp --reflink=always',
        ms.cp,
        { of: 'ratio', atMost: 1 },
        `also keeps the present before and ends on the disk; ${start}`,
      ),
    ]
  },
}

export default alternatives

/** Milliseconds of one of them, with nothing left over from the one before. */
async function timed(partition: DataPartition, work: () => Promise<unknown>): Promise<number> {
  await partition.rest()
  const before = performance.now()
  await work()
  return performance.now() - before
}

/** The snapshots that rollbacks kept, so that each finds the same number of them. */
async function removeSaved(machine: Machine, snapshot: string): Promise<void> {
  const { snapshots } = readTimeline(machine, name)
  for (const { name: other } of snapshots) if (other !== snapshot) await deleteSnapshot(machine, name, other)
}
