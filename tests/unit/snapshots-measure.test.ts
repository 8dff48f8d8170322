import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import t from 'tap'
import { stateStore } from '../../orchestrator/cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../../orchestrator/host/btrfs-search.ts'
import { allocatedBytes } from '../../orchestrator/host/extents.ts'
import {
  deleteSnapshot,
  measureSizes,
  prune,
  readTimeline,
  takeSnapshot,
} from '../../orchestrator/snapshots/index.ts'
import { noBtrfs } from './fixtures/btrfs.ts'
import { Machine } from './fixtures/timeline.ts'

const mebibyte = 1024 * 1024

/** Pieces of 1 MiB that are extents of their own: btrfs keeps an extent as long as anything uses a part of it. */
function writeAt(machine: Machine, position: number, bytes: number): void {
  const descriptor = openSync(machine.at('present/disk.raw'), 'r+')
  for (let at = 0; at < bytes; at += mebibyte) {
    writeSync(descriptor, Buffer.alloc(mebibyte, 1), 0, mebibyte, position + at)
    fdatasyncSync(descriptor)
  }
  closeSync(descriptor)
}

async function take(machine: Machine): Promise<string> {
  return String((await takeSnapshot(machine.root, machine.name, { kind: 'manual' }))?.name)
}

t.test('what a moment holds alone, and what was written before it', { skip: noBtrfs() }, async (t) => {
  const machine = await new Machine(t, 'btrfs').withCartridge()
  const { root, name } = machine
  const sizes = async () => {
    await measureSizes(root, name)
    const shown = readTimeline(root, name).snapshots.toReversed()
    const rounded = (bytes: number | null) => (bytes === null ? null : Math.round(bytes / mebibyte))
    return shown.map(({ exclusiveBytes, writtenBytes }) => [rounded(exclusiveBytes), rounded(writtenBytes)])
  }
  writeAt(machine, 0, 8 * mebibyte)
  await take(machine)
  writeAt(machine, 0, 4 * mebibyte)
  const second = await take(machine)
  t.same(await sizes(), [
    [4, 8],
    [0, 4],
  ])
  writeAt(machine, 0, 2 * mebibyte)
  execFileSync('sync', ['-f', machine.at('')])
  t.same(
    await sizes(),
    [
      [4, 8],
      [2, 4],
    ],
    'the present shares less with the newest',
  )
  const third = await take(machine)
  writeAt(machine, 0, 4 * mebibyte)
  await deleteSnapshot(root, name, second)
  t.ok(await removedSubvolumesAreFreed(machine.at(''), 30_000))
  t.same(await sizes(), [
    [4, 8],
    [4, 4],
  ])
  await deleteSnapshot(root, name, third)
  t.ok(await removedSubvolumesAreFreed(machine.at(''), 30_000))
  t.same(await sizes(), [[4, 8]])
})

t.test('a store that copies counts whole files', async (t) => {
  const machine = await new Machine(t, 'copy').withCartridge()
  const { root, name } = machine
  writeAt(machine, 0, mebibyte)
  await take(machine)
  await take(machine)
  await measureSizes(root, name)
  const [newest, oldest] = readTimeline(root, name).snapshots
  t.equal(newest?.writtenBytes, 0)
  t.ok((oldest?.writtenBytes ?? 0) >= mebibyte)
  t.ok((newest?.exclusiveBytes ?? 0) >= mebibyte)
})

t.test('extents are counted to the end of a file with many', { skip: noBtrfs() }, async (t) => {
  const machine = await new Machine(t, 'btrfs').withCartridge()
  rmSync(machine.at('present/disk.raw'))
  const descriptor = openSync(machine.at('present/disk.raw'), 'w')
  for (let index = 0; index < 2500; index++)
    writeSync(descriptor, Buffer.alloc(4096, index), 0, 4096, index * 8192)
  closeSync(descriptor)
  execFileSync('sync', ['-f', machine.at('')])
  const bytes = 2500 * 4096
  const allocated = await allocatedBytes(machine.at('present/disk.raw'))
  t.same(allocated, { total: bytes, exclusive: bytes, extents: 2500 })
})

t.test('pruning for space goes on until enough is free', { skip: noBtrfs() }, async (t) => {
  const machine = await new Machine(t, 'btrfs', { bytes: 1536 * mebibyte }).withCartridge()
  const { root, name } = machine
  for (let index = 0; index < 4; index++) {
    writeAt(machine, 0, 100 * mebibyte)
    await take(machine)
  }
  machine.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1\n')
  const { removed } = await prune(root, name)
  t.ok(removed.length > 0 && removed.length < 4, `${removed.length} of four that hold 100 MiB each`)
  t.ok(stateStore(machine.at('')).freeBytes() >= 1024 * mebibyte)
  t.same(removed, [...removed].sort(), 'oldest first')
  t.match(
    await takeSnapshot(root, name, { kind: 'manual' }),
    { kind: 'manual' },
    'and a new one can be taken',
  )
})
