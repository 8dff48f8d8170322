import { execFileSync } from 'node:child_process'
import { mkdirSync, openSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import t from 'tap'
import { sameContent } from '../../../orchestrator/snapshots/take/same.ts'
import { Btrfs, noBtrfs } from '../fixtures/btrfs.ts'
import { Tree } from '../fixtures/tree.ts'

t.test('a write whose time a power cut lost is a difference all the same', { skip: noBtrfs() }, async (t) => {
  const tree = new Tree(t)
  new Btrfs(t, { mount: tree.data('.'), bytes: 128 * 1024 * 1024 })
  const [present, snapshot] = [tree.data('present'), tree.data('moment')]
  execFileSync('btrfs', ['subvolume', 'create', present])
  mkdirSync(`${present}/tpm`)
  writeFileSync(`${present}/disk.raw`, Buffer.alloc(1024 * 1024, 'a'))
  writeFileSync(`${present}/tpm/small`, 'sealed')
  execFileSync('btrfs', ['subvolume', 'snapshot', '-r', present, snapshot])
  t.ok(sameContent(present, snapshot), 'just copied')
  for (const [name, at] of [
    ['disk.raw', 65_536],
    ['tpm/small', 0],
  ] as const) {
    const { atime, mtime } = statSync(`${snapshot}/${name}`)
    writeSync(openSync(`${present}/${name}`, 'r+'), 'B', at)
    execFileSync('btrfs', ['filesystem', 'sync', tree.data('.')])
    utimesSync(`${present}/${name}`, atime, mtime)
    execFileSync('cp', [
      '--preserve=timestamps',
      '--attributes-only',
      `${snapshot}/${name}`,
      `${present}/${name}`,
    ])
    t.notOk(sameContent(present, snapshot), name)
  }
})
