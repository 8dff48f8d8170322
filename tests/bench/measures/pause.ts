import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCartridge } from '../../../orchestrator/cartridges/index.ts'
import { quiesceConsole } from '../../../orchestrator/console/index.ts'
import { allocatedBytes } from '../../../orchestrator/host/extents.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { type Quiesce, takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { BenchGuest } from '../bench-guest.ts'
import { DataPartition, noDataPartition } from '../data-partition.ts'
import { type Measure, percentile, type Row, readable } from '../row.ts'
import { gibibyte, mebibyte, randomPlaces, scatter } from '../scatter.ts'

const name = 'gondor'
const wantedExtents = 200_000
/** Many small files in the first part of the disk, large files behind it. */
const [small, large] = [
  { over: 2 * gibibyte, pieces: 128 },
  { over: 4 * gibibyte, pieces: 64, bytes: mebibyte },
]
const pieces = 210_000
/** Of a guest that is used while its snapshot is taken: one block each so many milliseconds. */
const pacedMs = 5
/** Busy processes for each processor, in the second half. */
const loadOfProcessors = 4
const kinds = ['small', 'large', 'unsettled'] as const

const pause: Measure = {
  name: 'pause',
  sentence: `how long the guest stands still for a snapshot of ${wantedExtents} extents`,
  skip: noDataPartition,
  async take(rounds, log) {
    using partition = new DataPartition(24 * gibibyte)
    const { machine } = partition
    const { disk } = await createCartridge({ machine, name, sizeBytes: small.over + large.over })
    scatter(disk, { pieces, over: small.over })
    await using guest = await BenchGuest.start(machine, name)
    const quiesce = quiesceConsole(machine, { freeze: false })
    const unsettled: Quiesce = (work) => quiesce(work)
    const measured = async (wanted: number) => {
      const ms = { small: [] as number[], large: [] as number[], unsettled: [] as number[] }
      for (let round = 0; round < wanted; round++) {
        for (const kind of kinds) {
          if (kind === 'unsettled' && round % 6 !== 0) continue
          await guest.write(randomPlaces(small))
          if (kind !== 'small')
            await guest.write(randomPlaces(large).map(({ at, bytes }) => ({ at: at + small.over, bytes })))
          ms[kind].push(await pauseOf(machine, guest, kind === 'unsettled' ? unsettled : quiesce))
        }
        if (round % 10 === 9) log(`${ms.small.length + ms.large.length} snapshots`)
      }
      return ms
    }
    // Of those that count, two a round each: a percentile wants many.
    const alone = await measured(rounds * 2)
    const load = busyProcesses(availableParallelism() * loadOfProcessors)
    const loaded = await measured(rounds).finally(() => {
      for (const child of load) child.kill()
    })
    const { extents } = await allocatedBytes(disk)
    if (extents < wantedExtents) throw new Error(`The disk has ${extents} extents only`)
    return [
      rowOf('pause for a moment, p99', alone, { extents, atMost: 100 }),
      rowOf(`the same beside ${load.length} busy processes, p99`, loaded, { extents, atMost: 250 }),
    ]
  },
}

export default pause

/** Milliseconds that the snapshot is noted to have stopped the guest, which writes on until it is stopped. */
async function pauseOf(machine: Machine, guest: BenchGuest, quiesce: Quiesce): Promise<number> {
  let taken = false
  const writing = (async () => {
    for (; !taken; await sleep(pacedMs)) await guest.write(randomPlaces({ ...small, pieces: 1 }))
  })()
  try {
    const snapshot = await takeSnapshot(machine, name, { kind: 'hourly', quiesce })
    if (snapshot?.pauseMs == null) throw new Error('The guest was not stopped')
    return snapshot.pauseMs
  } finally {
    taken = true
    await writing
  }
}

function busyProcesses(count: number): ChildProcess[] {
  const endless = ['-e', 'for (;;);']
  return Array.from({ length: count }, () => spawn(process.execPath, endless, { stdio: 'ignore' }))
}

function rowOf(
  what: string,
  ms: Record<(typeof kinds)[number], number[]>,
  { extents, atMost }: { extents: number; atMost: number },
): Row {
  const values = [...ms.small, ...ms.large]
  const told = (of: number[]) =>
    `p50 ${readable(percentile(of, 0.5))}, p99 ${readable(percentile(of, 0.99))}, worst ${Math.max(...of)}`
  return {
    name: what,
    unit: 'ms',
    figure: percentile(values, 0.99),
    baseline: percentile(ms.unsettled, 0.99),
    target: { of: 'figure', atMost },
    note:
      `takeSnapshot() of a disk of ${extents} extents that QEMU (TCG) plays and writes to all the time, no guest agent; ms of ` +
      `${values.length}: ${told(values)}; half of them after 0.5 MiB at random places: ${told(ms.small)}; half after 64 MiB more: ` +
      `${told(ms.large)}; against ${ms.unsettled.length} like these that are not settled before: ${told(ms.unsettled)}`,
  }
}
