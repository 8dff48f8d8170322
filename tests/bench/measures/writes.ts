import { execFileSync } from 'node:child_process'
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCartridge, readCartridge } from '../../../orchestrator/cartridges/index.ts'
import { commitFilesystem } from '../../../orchestrator/host/btrfs.ts'
import type { Machine } from '../../../orchestrator/host/machine.ts'
import { runOrThrow } from '../../../orchestrator/host/process.ts'
import { takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { DataPartition, noDataPartition } from '../data-partition.ts'
import { list, type Measure, median, type Row } from '../row.ts'
import { blockBytes, gibibyte, mebibyte, randomPlaces, someBytes } from '../scatter.ts'

const diskBytes = 256 * mebibyte
/** One part a snapshot; in each part the disks take turns. */
const parts = 24
/** A guest's database: so many random blocks, then a flush. */
const [flushes, blocksPerFlush] = [24, 32]

type Disk = { name: string; checksums: boolean; hourly: boolean; path: string; throughputs: number[] }

const writes: Measure = {
  name: 'writes',
  sentence:
    'random writes to a cartridge with and without checksums and moments, against a plain file on ext4',
  skip: noDataPartition,
  async take() {
    using partition = new DataPartition(8 * gibibyte)
    using plain = new PlainDisk()
    const { machine } = partition
    const disks: Disk[] = []
    for (const checksums of [true, false]) {
      for (const hourly of [false, true]) {
        const name = `${checksums ? 'checksums' : 'nodatacow'}${hourly ? '-moments' : ''}`
        disks.push({
          name,
          checksums,
          hourly,
          path: await cartridgeDisk(machine, name, checksums),
          throughputs: [],
        })
      }
    }
    const reference: number[] = []
    for (let part = 0; part < parts; part++) {
      reference.push(throughput(plain.path))
      for (const { name, hourly, path, throughputs } of disks) {
        throughputs.push(throughput(path))
        if (hourly) await takeSnapshot(machine, name, { kind: 'hourly' })
      }
      commitFilesystem(machine.paths.data)
    }
    return disks.map((disk) => rowOf(disk, reference))
  },
}

export default writes

/** A new cartridge's disk, written to once from beginning to end. */
async function cartridgeDisk(machine: Machine, name: string, checksums: boolean): Promise<string> {
  await createCartridge({ machine, name, sizeBytes: diskBytes })
  const { disk } = readCartridge(machine, name)
  if (!checksums) {
    // btrfs(5): the attribute can be set on an empty file only.
    truncateSync(disk, 0)
    await runOrThrow('chattr', ['+C', disk])
  }
  fill(disk)
  return disk
}

function fill(path: string): void {
  const descriptor = openSync(path, 'r+')
  for (let at = 0; at < diskBytes; at += mebibyte) writeSync(descriptor, someBytes(mebibyte), 0, mebibyte, at)
  fdatasyncSync(descriptor)
  closeSync(descriptor)
}

/** MiB a second of random blocks with a flush now and then. */
function throughput(path: string): number {
  const places = randomPlaces({ pieces: flushes * blocksPerFlush, over: diskBytes })
  const descriptor = openSync(path, 'r+')
  const before = performance.now()
  for (const [index, { at }] of places.entries()) {
    writeSync(descriptor, someBytes(blockBytes), 0, blockBytes, at)
    if (index % blocksPerFlush === blocksPerFlush - 1) fdatasyncSync(descriptor)
  }
  const seconds = (performance.now() - before) / 1000
  closeSync(descriptor)
  return (places.length * blockBytes) / mebibyte / seconds
}

function rowOf({ name, checksums, hourly, throughputs }: Disk, reference: number[]): Row {
  const what = `${checksums ? 'with checksums' : 'nodatacow'}, ${hourly ? parts : 'no'} moments`
  return {
    name: `random writes, ${what}`,
    unit: 'MiB/s',
    figure: median(throughputs),
    baseline: median(reference),
    target: { of: 'none' },
    note:
      `${name}: 4 KiB at random places of ${diskBytes / mebibyte} MiB, a flush after every ${blocksPerFlush}, against a full file on ext4 ` +
      `on the same backing; MiB/s of the ${parts} parts: ${list(throughputs)} against ${list(reference)}`,
  }
}

/** A file that is written already on an ext4 on a loop device. */
class PlainDisk implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'deskvisor-bench-'))
  readonly #mount = join(this.#folder, 'mount')
  readonly path = join(this.#mount, 'disk.raw')
  /** Also when somebody ends the benchmarks. */
  readonly #end = () => this[Symbol.dispose]()

  constructor() {
    const image = join(this.#folder, 'disk.img')
    closeSync(openSync(image, 'w'))
    truncateSync(image, gibibyte)
    mkdirSync(this.#mount)
    execFileSync('mkfs.ext4', ['-q', image])
    execFileSync('mount', ['-o', 'loop', image, this.#mount])
    process.once('exit', this.#end)
    closeSync(openSync(this.path, 'w'))
    fill(this.path)
  }

  [Symbol.dispose](): void {
    process.removeListener('exit', this.#end)
    execFileSync('umount', [this.#mount])
    rmSync(this.#folder, { recursive: true })
  }
}
