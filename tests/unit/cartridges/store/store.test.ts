import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stateStore } from '../../../../orchestrator/cartridges/index.ts'
import { createSubvolume, isSubvolume, subvolumeInfo } from '../../../../orchestrator/host/btrfs.ts'
import { ioctl } from '../../../../orchestrator/host/native.ts'
import { Btrfs, noBtrfs } from '../../fixtures/btrfs.ts'
import { storeKinds } from '../../fixtures/timeline.ts'
import { Tree } from '../../fixtures/tree.ts'

type Test = { teardown(handler: () => void): unknown }

function folderFor(t: Test, kind: 'copy' | 'btrfs'): string {
  return kind === 'btrfs' ? new Btrfs(t).mount : new Tree(t).data('')
}

/** A state with a disk of 8 MiB that is nearly all holes, and a TPM. */
async function stateIn(folder: string): Promise<string> {
  const state = join(folder, '0001')
  await stateStore(folder).create(state)
  const descriptor = openSync(join(state, 'disk.raw'), 'w', 0o600)
  writeSync(descriptor, 'boot sector')
  writeSync(descriptor, 'far away', 5_000_000)
  ftruncateSync(descriptor, 8 * 1024 * 1024)
  closeSync(descriptor)
  mkdirSync(join(state, 'tpm'))
  writeFileSync(join(state, 'tpm/secrets'), 'secrets')
  chmodSync(join(state, 'tpm/secrets'), 0o640)
  utimesSync(join(state, 'tpm/secrets'), 1_700_000_000, 1_600_000_000.25)
  return state
}

for (const { kind, skip } of storeKinds) {
  t.test(`the ${kind} store`, { skip }, async (t) => {
    const folder = folderFor(t, kind)
    const store = stateStore(folder)
    const state = await stateIn(folder)
    t.equal(store.kind, kind)

    await t.test('copies a whole state, and a snapshot of it stays as it is', async (t) => {
      const disk = readFileSync(join(state, 'disk.raw'))
      const snapshot = join(folder, 'moment')
      await store.copy(state, snapshot, { readOnly: true })
      writeFileSync(join(state, 'tpm/secrets'), 'other secrets')
      t.same(readFileSync(join(snapshot, 'disk.raw')), disk)
      t.equal(readFileSync(join(snapshot, 'tpm/secrets'), 'utf8'), 'secrets')
      t.ok(statSync(join(snapshot, 'disk.raw')).blocks * 512 < 1_000_000, 'holes stay holes')
      t.equal(statSync(join(snapshot, 'tpm/secrets')).mtimeMs, 1_600_000_000_250, 'times stay')
      if (kind === 'btrfs') t.throws(() => writeFileSync(join(snapshot, 'new'), ''), { code: 'EROFS' })
      else t.equal(statSync(join(snapshot, 'tpm/secrets')).mode & 0o777, 0o440)
    })

    await t.test('copies a snapshot into a state that can be written to', async (t) => {
      await store.copy(join(folder, 'moment'), join(folder, '0002'), { readOnly: false })
      writeFileSync(join(folder, '0002/tpm/secrets'), 'newest secrets')
      t.equal(readFileSync(join(folder, 'moment/tpm/secrets'), 'utf8'), 'secrets')
      t.ok((statSync(join(folder, '0002')).mode & 0o700) === 0o700)
      t.equal(statSync(join(folder, '0002/tpm/secrets')).mode & 0o777, 0o640)
    })

    await t.test('never copies over something', async (t) => {
      await t.rejects(store.copy(state, join(folder, '0002'), { readOnly: false }))
      t.equal(readFileSync(join(folder, '0002/tpm/secrets'), 'utf8'), 'newest secrets')
      t.same(
        readdirSync(folder).filter((name) => name.startsWith('.')),
        [],
        'and leaves nothing',
      )
    })

    await t.test('an aborted copy leaves nothing', async (t) => {
      const aborted = AbortSignal.abort()
      await t.rejects(store.copy(state, join(folder, '0003'), { readOnly: false, signal: aborted }), {
        name: 'AbortError',
      })
      t.same(readdirSync(folder).sort(), ['0001', '0002', 'moment'])
    })

    await t.test('removes whatever there is', async (t) => {
      for (const path of ['moment', '0002', 'never there']) await store.remove(join(folder, path))
      mkdirSync(join(folder, 'partial/tpm'), { recursive: true })
      symlinkSync('/etc', join(folder, 'partial/link'))
      chmodSync(join(folder, 'partial'), 0o500)
      await store.remove(join(folder, 'partial'))
      symlinkSync('0001', join(folder, 'link'))
      await store.remove(join(folder, 'link'))
      t.same(readdirSync(folder), ['0001'])
      t.ok(existsSync('/etc/passwd'), 'and follows no link')
    })
  })
}

t.test('a copy by bytes tells how far it is, and can be ended in the middle', async (t) => {
  const folder = folderFor(t, 'copy')
  const state = await stateIn(folder)
  symlinkSync('/etc/passwd', join(state, 'link'))
  execFileSync('mkfifo', [join(state, 'pipe')])
  const seen: number[] = []
  const onProgress = (done: number, total: number) => void seen.push(done / total)
  await stateStore(folder).copy(state, join(folder, 'copy'), { readOnly: false, onProgress })
  t.equal(seen.at(-1), 1)
  t.same(
    seen,
    [...seen].sort((one, other) => one - other),
  )
  t.equal(readlinkSync(join(folder, 'copy/link')), '/etc/passwd', 'a link stays a link')
  t.notOk(existsSync(join(folder, 'copy/pipe')), 'a pipe is left out')
  const controller = new AbortController()
  const ended = stateStore(folder).copy(state, join(folder, 'other'), {
    readOnly: true,
    onProgress: () => controller.abort(),
    signal: controller.signal,
  })
  await t.rejects(ended, { name: 'AbortError' })
  t.same(readdirSync(folder).sort(), ['0001', 'copy'])
})

t.test('on btrfs', { skip: noBtrfs() }, async (t) => {
  const folder = folderFor(t, 'btrfs')
  const store = stateStore(folder)

  await t.test('a state is a subvolume, and so is a copy of a folder that is none', async (t) => {
    const state = await stateIn(folder)
    t.ok(isSubvolume(state))
    mkdirSync(join(folder, 'by-hand/tpm'), { recursive: true })
    writeFileSync(join(folder, 'by-hand/disk.raw'), 'a disk')
    await store.copy(join(folder, 'by-hand'), join(folder, 'copy'), { readOnly: true })
    t.ok(isSubvolume(join(folder, 'copy')))
    t.equal(readFileSync(join(folder, 'copy/disk.raw'), 'utf8'), 'a disk')
    t.throws(() => writeFileSync(join(folder, 'copy/disk.raw'), ''), { code: 'EROFS' })
  })

  await t.test('subvolumes that somebody made inside are removed with it', async (t) => {
    createSubvolume(join(folder, '0001'), 'inside')
    createSubvolume(join(folder, '0001/inside'), 'deeper')
    mkdirSync(join(folder, 'plain'))
    createSubvolume(join(folder, 'plain'), 'below')
    for (const name of ['0001', 'plain']) await store.remove(join(folder, name))
    t.same(readdirSync(folder).sort(), ['by-hand', 'copy'])
  })

  await t.test('a link to a subvolume is not taken for one', async (t) => {
    symlinkSync('copy', join(folder, 'link'))
    t.notOk(isSubvolume(join(folder, 'link')))
    t.throws(() => subvolumeInfo(join(folder, 'link')), { code: 'ENOTDIR' })
    t.ok(lstatSync(join(folder, 'copy')).isDirectory())
  })
})

t.test('what was written before a settling outlasts a power cut', { skip: noBtrfs() }, async (t) => {
  const btrfs = new Btrfs(t)
  const state = await stateIn(btrfs.mount)
  const disk = join(state, 'disk.raw')
  writeFileSync(disk, 'settled')
  await stateStore(btrfs.mount).settle(state)
  const copy = btrfs.copyOfDisk('cut.img')
  btrfs.detach()
  btrfs.attachCopy(copy)
  t.equal(readFileSync(disk, 'utf8'), 'settled')
  await stateStore(btrfs.mount).settle(join(state, 'gone'))
})

t.test('a request that the filesystem does not know is an errno', async (t) => {
  const descriptor = openSync('/proc', 'r')
  t.teardown(() => closeSync(descriptor))
  t.throws(() => ioctl(descriptor, 0x80089419, Buffer.alloc(8)), { code: 'ENOTTY', syscall: 'ioctl' })
  t.throws(() => ioctl(descriptor, 0x80089419, Buffer.alloc(7)), { code: 'EINVAL' }, 'too small a buffer')
  t.throws(() => ioctl(descriptor, 0x80089419, 'text' as never), TypeError)
})
