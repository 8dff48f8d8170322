import { createCartridge, readCartridge } from '../../../orchestrator/cartridges/index.ts'
import { allocatedBytes } from '../../../orchestrator/host/extents.ts'
import { deleteSnapshot, rollBack, takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { DataPartition, noDataPartition } from '../data-partition.ts'
import { list, type Measure, median } from '../row.ts'
import { gibibyte, kibibyte, scatter, writeAtRandom } from '../scatter.ts'

const pieceBytes = 16 * kibibyte
/** 128 MiB and 640 MiB of data: what counts is their number and how far apart they lie. */
const sizes = [
  { name: 'small', bytes: gibibyte, pieces: 8192 },
  { name: 'large', bytes: 100 * gibibyte, pieces: 40_960 },
]
/** What the guest wrote between two rollbacks. */
const written = 64

const rollback: Measure = {
  name: 'rollback',
  sentence: 'rollback of a cartridge of 100 GiB against one of 1 GiB',
  skip: noDataPartition,
  async take(rounds) {
    using partition = new DataPartition(40 * gibibyte)
    const { machine } = partition
    const cartridges = []
    for (const size of sizes) {
      const { disk } = await createCartridge({ machine, name: size.name, sizeBytes: size.bytes })
      scatter(disk, { pieces: size.pieces, bytes: pieceBytes, over: size.bytes })
      const snapshot = await takeSnapshot(machine, size.name, { kind: 'manual' })
      const { extents } = await allocatedBytes(disk)
      cartridges.push({ ...size, snapshot: String(snapshot?.name), extents, ms: [] as number[] })
    }
    // It is short, so there can be more of them.
    for (let round = 0; round < rounds * 2; round++) {
      for (const { name, snapshot, bytes, ms } of cartridges)
        ms.push(await timed(partition, name, snapshot, bytes))
    }
    const [small, large] = cartridges
    if (!small || !large) throw new Error('There are two of them')
    return [
      {
        name: 'rollback, 100 GiB against 1 GiB',
        unit: 'ms',
        figure: median(large.ms),
        baseline: median(small.ms),
        target: { of: 'ratio', atMost: 1.1 },
        note:
          `rollBack() in this process, ${written} random blocks written before each, ` +
          `${large.extents} against ${small.extents} extents; ms: ${list(large.ms)} against ${list(small.ms)}`,
      },
    ]
  },
}

export default rollback

/** Milliseconds of one rollback; the snapshot that it keeps goes again, so that each finds the same number of them. */
async function timed(
  partition: DataPartition,
  name: string,
  snapshot: string,
  bytes: number,
): Promise<number> {
  const { machine } = partition
  writeAtRandom(readCartridge(machine, name).disk, { pieces: written, over: bytes })
  await partition.rest()
  const before = performance.now()
  const { saved } = await rollBack(machine, name, snapshot)
  const ms = performance.now() - before
  if (saved) await deleteSnapshot(machine, name, saved.name)
  return ms
}
