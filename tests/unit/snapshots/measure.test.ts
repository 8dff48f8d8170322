import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import t, { type Test } from 'tap'
import { withCartridgeLock } from '../../../orchestrator/cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../../../orchestrator/host/btrfs-search.ts'
import { allocatedBytes } from '../../../orchestrator/host/extents.ts'
import { run } from '../../../orchestrator/host/process.ts'
import {
  deleteSnapshot,
  measureSizes,
  prune,
  readTimeline,
  takeSnapshot,
} from '../../../orchestrator/snapshots/index.ts'
import { freeSpace } from '../../../orchestrator/space/index.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Gondor } from '../fixtures/timeline.ts'
import type { Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
const snapshotsRoom = new URL('../../../orchestrator/snapshots/index.ts', import.meta.url).href

/** Pieces of 1 MiB that are extents of their own: btrfs keeps an extent as long as anything uses a part of it. */
function writeAt(gondor: Gondor, position: number, bytes: number): void {
  const descriptor = openSync(gondor.at('present/disk.raw'), 'r+')
  for (let at = 0; at < bytes; at += mebibyte) {
    writeSync(descriptor, Buffer.alloc(mebibyte, 1), 0, mebibyte, position + at)
    fdatasyncSync(descriptor)
  }
  closeSync(descriptor)
}

async function take(gondor: Gondor): Promise<string> {
  return String((await takeSnapshot(gondor.machine, gondor.name, { kind: 'manual' }))?.name)
}

t.test('what a moment holds alone, and what was written before it', { skip: noBtrfs() }, async (t) => {
  const gondor = await new Gondor(t, 'btrfs').withCartridge()
  const { machine, name } = gondor
  const sizes = async () => {
    await measureSizes(machine, name)
    const shown = readTimeline(machine, name).snapshots.toReversed()
    const rounded = (bytes: number | null) => (bytes === null ? null : Math.round(bytes / mebibyte))
    return shown.map(({ exclusiveBytes, writtenBytes }) => [rounded(exclusiveBytes), rounded(writtenBytes)])
  }
  writeAt(gondor, 0, 8 * mebibyte)
  await take(gondor)
  writeAt(gondor, 0, 4 * mebibyte)
  const second = await take(gondor)
  t.same(await sizes(), [
    [4, 8],
    [0, 4],
  ])
  writeAt(gondor, 0, 2 * mebibyte)
  execFileSync('sync', ['-f', gondor.at('')])
  t.same(
    await sizes(),
    [
      [4, 8],
      [2, 4],
    ],
    'the present shares less with the newest',
  )
  const third = await take(gondor)
  writeAt(gondor, 0, 4 * mebibyte)
  await deleteSnapshot(machine, name, second)
  t.ok(await removedSubvolumesAreFreed(gondor.at(''), 30_000))
  t.same(await sizes(), [
    [4, 8],
    [4, 4],
  ])
  await deleteSnapshot(machine, name, third)
  t.ok(await removedSubvolumesAreFreed(gondor.at(''), 30_000))
  t.same(await sizes(), [[4, 8]])
})

t.test('a store that copies counts whole files', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  writeAt(gondor, 0, mebibyte)
  await take(gondor)
  await take(gondor)
  await measureSizes(machine, name)
  const [newest, oldest] = readTimeline(machine, name).snapshots
  t.equal(newest?.writtenBytes, 0)
  t.ok((oldest?.writtenBytes ?? 0) >= mebibyte)
  t.ok((newest?.exclusiveBytes ?? 0) >= mebibyte)
})

t.test('what was written since a moment that is gone is not known until it is measured again', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  const snapshots: string[] = []
  for (const mebibytes of [1, 2, 3]) {
    writeAt(gondor, 0, mebibytes * mebibyte)
    snapshots.push(await take(gondor))
  }
  const written = () =>
    readTimeline(machine, name).snapshots.map(({ writtenBytes, exclusiveBytes }) => [
      writtenBytes === null ? null : Math.round(writtenBytes / mebibyte),
      exclusiveBytes === null ? null : Math.round(exclusiveBytes / mebibyte),
    ])
  await measureSizes(machine, name)
  const all = [
    [3, 3],
    [2, 2],
    [1, 1],
  ]
  t.same(written(), all)
  const [oldest = '', middle = ''] = snapshots
  await deleteSnapshot(machine, name, middle)
  t.same(written(), [
    [null, null],
    [1, null],
  ])
  t.same(await measureSizes(machine, name), { failed: [] })
  t.same(written(), [
    [3, 3],
    [1, 1],
  ])
  await deleteSnapshot(machine, name, oldest)
  t.same(written(), [[null, null]])
  await take(gondor)
  await measureSizes(machine, name)
  await take(gondor)
  t.same(written()[1], [0, 3], 'what was measured beside the present holds for the moment made of it')
})

t.test('what is measured while somebody else changes the timeline is noted the next time', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const { machine, name } = gondor
  const snapshot = await take(gondor)
  await withCartridgeLock(machine, name, () => measureElsewhere(t, gondor.tree, name, snapshot))
  t.same(await measureSizes(machine, name), { failed: [] })
  t.equal(readTimeline(machine, name).snapshots[0]?.writtenBytes === null, false)
})

/** From outside of the lock that is held, as another process would. */
async function measureElsewhere(t: Test, tree: Tree, name: string, snapshot: string): Promise<void> {
  const code = `import { measureSizes } from '${snapshotsRoom}'
console.log(JSON.stringify(await measureSizes(${tree.machineCode}, '${name}')))`
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', code])
  t.same(JSON.parse(stdout), { failed: [snapshot] })
}

t.test('extents are counted to the end of a file with many', { skip: noBtrfs() }, async (t) => {
  const gondor = await new Gondor(t, 'btrfs').withCartridge()
  rmSync(gondor.at('present/disk.raw'))
  const descriptor = openSync(gondor.at('present/disk.raw'), 'w')
  for (let index = 0; index < 2500; index++)
    writeSync(descriptor, Buffer.alloc(4096, index), 0, 4096, index * 8192)
  closeSync(descriptor)
  execFileSync('sync', ['-f', gondor.at('')])
  const bytes = 2500 * 4096
  const allocated = await allocatedBytes(gondor.at('present/disk.raw'))
  t.same(allocated, { total: bytes, exclusive: bytes, extents: 2500 })
})

t.test('pruning for space goes on until enough is free', { skip: noBtrfs() }, async (t) => {
  const gondor = await new Gondor(t, 'btrfs', { bytes: 1536 * mebibyte }).withCartridge()
  const { machine, name } = gondor
  for (let index = 0; index < 4; index++) {
    writeAt(gondor, 0, 100 * mebibyte)
    await take(gondor)
  }
  gondor.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1\n')
  const { removed } = await prune(machine, name)
  t.ok(removed.length > 0 && removed.length < 4, `${removed.length} of four that hold 100 MiB each`)
  t.ok(freeSpace(gondor.at('')).freeBytes >= 1024 * mebibyte)
  t.same(removed, [...removed].sort(), 'oldest first')
  t.match(
    await takeSnapshot(machine, name, { kind: 'manual' }),
    { kind: 'manual' },
    'and a new one can be taken',
  )
})
