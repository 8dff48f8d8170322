import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { shellWord } from '../../orchestrator/commands/shell-word.ts'
import { run } from '../../orchestrator/host/process.ts'
import { Tree } from './fixtures/tree.ts'

// What a command says, or a disk that it writes, is there in whole, or its exit status tells.

const mebibyte = 1024 * 1024
const skip = process.getuid?.() !== 0 && 'only root mounts'
const command = [process.execPath, join(import.meta.dirname, '../../orchestrator/main.ts')]

/** Runs it below a line of bash, where `"$@"` is deskvisor and `$to` a place. */
function below(line: string, to: string, ...args: string[]) {
  return run('bash', ['-c', `to=${shellWord(to)}; ${line}`, 'bash', ...command, ...args])
}

function withDisk(t: Test): { tree: Tree; disk: Buffer; exporting: string[] } {
  const tree = new Tree(t).withCartridge()
  const disk = Buffer.alloc(3 * mebibyte, 'a disk of many blocks')
  tree.write('var/lib/deskvisor/cartridges/gondor/states/0001/disk.raw', disk)
  return { tree, disk, exporting: ['cartridge', 'export', 'gondor', '-', '--root', tree.root] }
}

/** A disk of so many bytes in memory, full soon. */
function smallDisk(t: Test, tree: Tree, bytes: number): string {
  const mount = tree.at('small')
  mkdirSync(mount)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'small', mount])
  t.teardown(() => execFileSync('umount', ['-l', mount]))
  return mount
}

function blockDevice(t: Test, tree: Tree, bytes: number): string {
  const file = tree.at('device')
  const descriptor = openSync(file, 'w')
  ftruncateSync(descriptor, bytes)
  closeSync(descriptor)
  const device = execFileSync('losetup', ['-f', '--show', file], { encoding: 'utf8' }).trim()
  t.teardown(() => {
    execFileSync('losetup', ['-d', device])
    rmSync(file, { force: true })
  })
  return device
}

const says: string[][] = [
  ['--version'],
  ['cartridge', '--help'],
  ['cartridge', 'list'],
  ['cartridge', 'list', '--json'],
  ['snapshot', 'take', '--json'],
  ['status'],
  ['doctor'],
  ['man'],
  ['openapi'],
  ['completion', 'bash'],
  ['complete', 'cartridges'],
]
for (const words of says) {
  t.test(`"deskvisor ${words.join(' ')}" fails when nobody can read its answer`, async (t) => {
    const at = ['--root', new Tree(t).withCartridge().root]
    const full = await below('"$@" >$to', '/dev/full', ...words, ...at)
    t.match(full, { status: 3, stderr: /Standard output cannot be written to: ENOSPC/ })
    const json = words.includes('--json')
    t.match(
      full.stderr,
      json ? /^\{"error":\{"code":"output-failed"/ : /\nIf a change was asked for, it is made/,
    )
  })
}

t.test('an answer that does not fit on a disk is no answer', { skip }, async (t) => {
  const tree = new Tree(t)
  const file = join(smallDisk(t, tree, 4096), 'page')
  t.match(await below('"$@" >$to', file, 'man'), { status: 3, stderr: /ENOSPC/ })
  t.equal(statSync(file).size, 4096, 'that much was there to see')
})

t.test('an answer goes to a block device as it goes to a file', { skip }, async (t) => {
  const device = blockDevice(t, new Tree(t), mebibyte)
  t.match(await below('"$@" >$to', device, '--version'), { status: 0, stderr: '' })
  t.match(readFileSync(device).toString('latin1', 0, 20), /^deskvisor \d/)
})

t.test('who cannot read a complaint learns of it by the exit status', async (t) => {
  t.match(await below('"$@" 2>$to', '/dev/full', 'frobnicate'), { status: 2, stdout: '' })
  t.match(await below('"$@" >$to 2>$to', '/dev/full', 'man'), { status: 3 })
})

t.test(
  'a reader that leaves a list has what it wanted, and the exit status is that of the command',
  async (t) => {
    const tree = new Tree(t).withCartridge()
    const left = 'exec 3> >(true); wait $!; "$@" >&3'
    t.match(await below(left, '', 'cartridge', 'list', '--root', tree.root), { status: 0, stderr: '' })
    t.match(await below(left, '', 'doctor', '--root', tree.root), { status: 1, stderr: '' })
  },
)

t.test('a disk that standard output does not take in whole is a failed export', { skip }, async (t) => {
  const { tree, exporting } = withDisk(t)
  const cut = /what was written is not a whole disk/
  t.match(await below('"$@" >$to', '/dev/full', ...exporting), { status: 3, stderr: cut })
  const full = join(smallDisk(t, tree, 2.5 * mebibyte), 'out.raw')
  t.match(await below('"$@" >$to', full, ...exporting), { status: 3, stderr: /ENOSPC/ })
  const small = blockDevice(t, tree, mebibyte)
  t.match(await below('"$@" >$to', small, ...exporting), { status: 3, stderr: /ENOSPC/ })
  const left = await below('set -o pipefail; "$@" | head -c 1 >$to', '/dev/null', ...exporting)
  t.match(left, {
    status: 3,
    stderr: /Whoever read standard output went away; what was written is not a whole/,
  })
  const json = await below('"$@" --json >$to', '/dev/full', ...exporting)
  t.equal(JSON.parse(json.stderr).error.code, 'output-failed')
})

t.test('the end of a disk is as true as its beginning', { skip }, async (t) => {
  const { tree, disk, exporting } = withDisk(t)
  // All but the last bytes fit, which is one short write and no error.
  const full = join(smallDisk(t, tree, disk.length - 4096), 'out.raw')
  t.match(await below('"$@" >$to', full, ...exporting), { status: 3, stderr: /ENOSPC/ })
  // What is left of a pipe's own buffer (64 KiB) nobody hears of.
  const tail = 'set -o pipefail; "$@" | head -c $to >/dev/null'
  t.match(await below(tail, String(disk.length - 256 * 1024), ...exporting), { status: 3 })
})

t.test('a disk goes to a file, a block device and a slow reader in whole', { skip }, async (t) => {
  const { tree, disk, exporting } = withDisk(t)
  const device = blockDevice(t, tree, 4 * mebibyte)
  t.match(await below('"$@" >$to', device, ...exporting), { status: 0, stderr: '' })
  t.ok(readFileSync(device).subarray(0, disk.length).equals(disk))
  const file = tree.write('behind', 'before')
  t.match(await below('"$@" >>$to', file, ...exporting), { status: 0, stderr: '' })
  t.ok(readFileSync(file).equals(Buffer.concat([Buffer.from('before'), disk])))
  const slow = 'set -o pipefail; "$@" | dd bs=512 status=none of=$to'
  t.match(await below(slow, tree.at('slow'), ...exporting), { status: 0, stderr: '' })
  t.ok(readFileSync(tree.at('slow')).equals(disk))
})

t.test('a disk is not written to a terminal', async (t) => {
  const { exporting } = withDisk(t)
  const line = [...command, ...exporting].map(shellWord).join(' ')
  const { status, stdout } = await run('script', ['-qec', line, '/dev/null'], { input: '' })
  t.equal(status, 2)
  t.match(
    stdout,
    /Standard output is a terminal; a disk goes into a file or a pipe\.\r\nName a new file, or send it on/,
  )
  t.notMatch(stdout, /many blocks/)
})

t.test('an export whose reader stands still can be cancelled', async (t) => {
  const { exporting } = withDisk(t)
  const [file = '', ...before] = command
  const child = spawn(file, [...before, ...exporting])
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (piece) => {
    said += piece
  })
  // The pipe is full after its first bytes are there: nobody reads on.
  await once(child.stdout, 'readable')
  child.kill('SIGINT')
  t.same(await once(child, 'exit'), [1, null])
  t.match(said, /cancelled/)
})
