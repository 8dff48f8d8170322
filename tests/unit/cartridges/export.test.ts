import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { exportCartridge } from '../../../orchestrator/cartridges/index.ts'
import { run } from '../../../orchestrator/host/process.ts'
import { Btrfs, noBtrfs } from '../fixtures/btrfs.ts'
import { Tree } from '../fixtures/tree.ts'

const skip = process.getuid?.() !== 0 && 'only root mounts'

function to(tree: Tree, file: string, more: { onProgress?: () => void; signal?: AbortSignal } = {}) {
  return exportCartridge({ machine: tree.machine, name: 'gondor', file, ...more })
}

const program = [process.execPath, join(import.meta.dirname, '../../../orchestrator/main.ts')]

/** Exports into a folder that is a filesystem of the kernel for this program only, so that nothing else can meet it. */
function mounted(tree: Tree, type: string) {
  const folder = tree.at(type)
  mkdirSync(folder)
  const script = 'to=$1; shift; mount -t "$0" "$0" "$to" && "$@"; status=$?; rm -f "$to/vdz"; exit $status'
  const exporting = ['cartridge', 'export', 'gondor', `${folder}/vdz`, '--root', tree.root]
  return run('unshare', ['-m', 'bash', '-c', script, type, folder, ...program, ...exporting])
}

t.test('no file is made where no disk is', { skip }, async (t) => {
  const tree = new Tree(t).withCartridge()
  const noDevice = {
    code: 'bad-file',
    exitCode: 2,
    message: /no device .* has no place in \/dev/,
    hint: /\w/,
  }
  for (const file of ['/dev/vdz', '/dev/shm/out.raw', '/dev/deskvisor-test.qcow2']) {
    t.teardown(() => rmSync(file, { force: true }))
    await t.rejects(to(tree, file), noDevice, file)
    t.notOk(existsSync(file))
  }
  symlinkSync('/dev', tree.at('elsewhere'))
  await t.rejects(to(tree, tree.at('elsewhere/vdz')), noDevice, 'by another name')
  for (const type of ['devtmpfs', 'sysfs', 'proc', 'ramfs']) {
    const stderr = new RegExp(`not on a disk: it is a ${type}, which the kernel keeps in memory`)
    t.match(await mounted(tree, type), { status: 2, stderr }, type)
  }
  t.match(await mounted(tree, 'tmpfs'), { status: 0, stderr: '' }, 'a filesystem with a size is one')
})

t.test('what is there already is called what it is, before anything is copied', async (t) => {
  const tree = new Tree(t).withCartridge()
  mkdirSync(tree.at('folder'))
  symlinkSync('/nowhere/at/all', tree.at('link'))
  execFileSync('mkfifo', [tree.at('pipe')])
  const server = createServer().listen(tree.at('socket'))
  t.teardown(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const sentences: Record<string, RegExp> = {
    '/dev/null': /^\/dev\/null is a device; an export only makes a new file\.$/,
    [tree.at('folder')]: / is a folder; /,
    [tree.at('pipe')]: / is a named pipe; /,
    [tree.at('socket')]: / is a socket; /,
    [tree.at('link')]: / is there already; /,
    [tree.write('file', 'precious')]: / is there already; /,
  }
  const before = readdirSync(tree.root).sort()
  for (const [file, message] of Object.entries(sentences)) {
    const wrong = { code: 'file-exists', exitCode: 2, message, hint: /export NAME - > TARGET/ }
    await t.rejects(to(tree, file), wrong, file)
  }
  t.same(readdirSync(tree.root).sort(), before)
  t.equal(readFileSync(tree.at('file'), 'utf8'), 'precious')
})

t.test(
  'a disk is nobody else’s business while it is written, and nobody knows its name before',
  async (t) => {
    const tree = new Tree(t).withCartridge()
    const names = new Set<string>()
    for (const file of ['out/1.qcow2', 'out/2.qcow2'].map((path) => tree.at(path))) {
      mkdirSync(dirname(file), { recursive: true })
      const look = () => {
        for (const name of readdirSync(dirname(file)).filter((name) => name.startsWith('.'))) {
          t.equal(statSync(`${dirname(file)}/${name}`).mode & 0o777, 0o600)
          const [, random = ''] =
            new RegExp(`^\\.${basename(file)}\\.\\d+\\.([0-9a-f]{16})\\.new$`).exec(name) ?? []
          names.add(random)
        }
      }
      await to(tree, file, { onProgress: look })
    }
    t.equal(names.size, 2)
    t.notOk(names.has(''))
  },
)

t.test('a name may be as long as the filesystem allows', async (t) => {
  const tree = new Tree(t).withCartridge()
  const file = tree.at(`${'n'.repeat(251)}.raw`)
  await to(tree, file)
  t.match(readFileSync(file, 'utf8'), /^a disk/)
})

t.test('an export that cannot clean up says what it left', { skip: noBtrfs() }, async (t) => {
  const tree = new Tree(t).withCartridge()
  const disk = new Btrfs(t)
  const folder = `${disk.mount}/append-only`
  mkdirSync(folder)
  execFileSync('chattr', ['+a', folder])
  t.teardown(() => spawnSync('chattr', ['-a', folder], { stdio: 'ignore' }))
  writeFileSync(tree.data('cartridges/gondor/states/0001/disk.raw'), 'x'.repeat(102_400))
  const controller = new AbortController()
  const cancelled = to(tree, `${folder}/out.qcow2`, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  })
  await t.rejects(cancelled, {
    code: 'cancelled',
    message: /what was written is left as \S+\/\.out\.qcow2\.\S+\.new\.$/,
  })
  await to(tree, `${folder}/out.raw`)
  t.equal(statSync(`${folder}/out.raw`).size, 102_400, 'and one that is whole is no failure')
})
