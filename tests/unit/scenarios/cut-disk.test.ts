import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findPartition } from '../../scenarios/container/gpt.ts'
import { replayWrites } from '../../scenarios/pc/cut-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'deskvisor-cut-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const log = join(folder, 'log')
writeFileSync(log, 'abcdefgh')

const write = (offset: number, dataAt: number, flush = false) => ({
  offset,
  length: 1,
  dataAt,
  flush,
  fua: false,
})
const flush = { offset: 0, length: 0, dataAt: null, flush: true, fua: false }
/** Outside the partition, inside, flushed; then two that were not. */
const records = [write(1, 0), write(10, 1), flush, write(11, 2), write(12, 3)]

function replayed(count: number, keeps: () => boolean): string {
  const file = join(folder, 'partition')
  writeFileSync(file, '....')
  replayWrites({ records, count, log, file, partition: { offset: 10, length: 4 }, keeps })
  return readFileSync(file, 'utf8')
}

t.test('what was flushed is there, and of the rest what arrived', async (t) => {
  t.equal(
    replayed(5, () => true),
    'bcd.',
  )
  t.equal(
    replayed(5, () => false),
    'b...',
  )
  let which = 0
  t.equal(
    replayed(5, () => which++ === 1),
    'b.d.',
  )
})

t.test('what had not been written when the power went is not there', async (t) => {
  t.equal(
    replayed(4, () => true),
    'bc..',
  )
  t.equal(
    replayed(1, () => true),
    '....',
  )
})

t.test('finds a partition by its name, and says when there is none', async (t) => {
  const image = join(folder, 'image')
  const disk = Buffer.alloc(4096)
  disk.write('EFI PART', 512, 'latin1')
  disk.writeBigUInt64LE(2n, 512 + 72)
  disk.writeUInt32LE(4, 512 + 80)
  disk.writeUInt32LE(128, 512 + 84)
  const entry = disk.subarray(1024 + 128)
  entry.writeBigUInt64LE(2048n, 32)
  entry.writeBigUInt64LE(4095n, 40)
  entry.write('root', 56, 'utf16le')
  writeFileSync(image, disk)
  t.same(findPartition(image, 'root'), { offset: 1_048_576, length: 1_048_576 })
  t.throws(() => findPartition(image, 'data'), /no partition data/)
  writeFileSync(image, Buffer.alloc(4096))
  t.throws(() => findPartition(image, 'root'), /no partition table/)
})
