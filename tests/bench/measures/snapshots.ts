import {
  createCartridge,
  insertCartridge,
  listCartridges,
  readCartridge,
} from '../../../orchestrator/cartridges/index.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { readTimeline, takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { DataPartition, noDataPartition } from '../data-partition.ts'
import { benchPlaces } from '../places.ts'
import { list, type Measure, median, percentile } from '../row.ts'
import { gibibyte, writeAtRandom } from '../scatter.ts'
import { BenchTerminal } from '../terminal.ts'

const cartridges = 20
/** Ten thousand in all; most of them where the keys are pressed. */
const snapshotsOfFirst = 6200
const snapshotsOfOthers = 200
const hourMs = 3_600_000
/** The menu drops what is typed in its first moment. */
const settleMs = 1500
const [down, up, pageDown, pageUp] = ['\x1b[B', '\x1b[A', '\x1b[6~', '\x1b[5~']
/** Far enough to scroll more than once. */
const arrows = [...Array<string>(18).fill(down), up, up, up, down]
const pages = [pageDown, pageDown, pageUp, pageDown, pageUp]

const snapshots: Measure = {
  name: 'snapshots',
  sentence: 'ten thousand moments of twenty operating systems, read and shown',
  skip: noDataPartition,
  async take(rounds, log) {
    using partition = new DataPartition(24 * gibibyte)
    const { machine } = partition
    await fill(machine)
    log('the moments are taken')
    const read: number[] = []
    let count = 0
    for (let round = 0; round < rounds; round++) {
      const before = performance.now()
      const timelines = listCartridges(machine).map(({ name }) => readTimeline(machine, name))
      read.push(performance.now() - before)
      count = timelines.reduce((sum, { snapshots }) => sum + snapshots.length, 0)
    }
    const { ms, bytes } = await redraws(machine)
    const forArrows = bytes.slice(0, arrows.length)
    return [
      {
        name: `reading ${count} moments`,
        unit: 'ms',
        figure: median(read),
        baseline: null,
        target: { of: 'figure', atMost: 150 },
        note: `listCartridges() and readTimeline() of each of ${cartridges}; ms: ${list(read)}`,
      },
      {
        name: 'redraw of the moments for a key',
        unit: 'ms',
        figure: percentile(ms, 0.9),
        baseline: null,
        target: { of: 'figure', atMost: 5 },
        note:
          `dist/deskvisor tui in a pseudo-terminal of 80×24 with ${snapshotsOfFirst} moments, from a key to the last byte, ` +
          `the 90th percentile; median ${list([median(ms)])}; ms: ${list(ms)}`,
      },
      {
        name: 'bytes for an arrow key among the moments',
        unit: 'bytes',
        figure: median(forArrows),
        baseline: null,
        target: { of: 'figure', atMost: 300 },
        note: `the median; bytes: ${forArrows.join(' ')}; by pages: ${bytes.slice(arrows.length).join(' ')}`,
      },
      {
        name: 'bytes for a key that scrolls there',
        unit: 'bytes',
        figure: Math.max(...forArrows),
        baseline: null,
        target: { of: 'figure', atMost: 300 },
        note: 'the worst of the same: beside the details no terminal can scroll a list by itself, so it moves half a window at once',
      },
    ]
  },
}

export default snapshots

async function fill(machine: Machine): Promise<void> {
  for (let number = 1; number <= cartridges; number++) {
    const name = `system-${String(number).padStart(2, '0')}`
    await createCartridge({ machine, name, sizeBytes: gibibyte })
    if (number === 1) await insertCartridge(machine, name)
    const wanted = number === 1 ? snapshotsOfFirst : snapshotsOfOthers
    for (let age = wanted; age > 0; age--) {
      writeAtRandom(readCartridge(machine, name).disk, { pieces: 1, over: gibibyte })
      const note = age % 10 === 0 ? 'before the update of the graphics driver' : ''
      await takeSnapshot(machine, name, { kind: 'hourly', note, now: new Date(Date.now() - age * hourMs) })
    }
  }
}

/** Milliseconds and bytes of each key in the list of snapshots. */
async function redraws(machine: Machine): Promise<{ ms: number[]; bytes: number[] }> {
  const env = { DESKVISOR: benchPlaces.deskvisor, ROOT: machine.root }
  await using terminal = new BenchTerminal('exec "$DESKVISOR" tui --root "$ROOT"', env)
  await terminal.shows('redraw')
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  terminal.type('2')
  await terminal.shows('a moment and press Enter')
  const ms: number[] = []
  const bytes: number[] = []
  for (const key of [...arrows, ...pages]) {
    await terminal.quiet()
    const before = { at: performance.now(), received: terminal.received }
    terminal.type(key)
    await terminal.quiet()
    bytes.push(terminal.received - before.received)
    ms.push(terminal.lastAt - before.at)
  }
  if (Math.min(...bytes) === 0) throw new Error(`The menu did not answer to every key: ${bytes.join(' ')}`)
  return { ms, bytes }
}
