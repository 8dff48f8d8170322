import { execFileSync } from 'node:child_process'
import fs, { mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { basename } from 'node:path'
import { getSystemErrorName } from 'node:util'
import t from 'tap'
import { makeFolder, readJson, readTextOr, writeFileAtomic } from '../../../orchestrator/host/atomic.ts'
import { isBeside } from '../../../orchestrator/host/beside.ts'
import { isErrno } from '../../../orchestrator/host/errors.ts'
import { sdNotify, setWindowSize, tryLock } from '../../../orchestrator/host/native.ts'
import { run, runOrThrow } from '../../../orchestrator/host/process.ts'
import { notify } from '../../../orchestrator/host/systemd.ts'
import { hostileFiles, Tree } from '../fixtures/tree.ts'

t.test('knows what a system call failed with from what Node itself throws', async (t) => {
  const thrownBy = (act: () => unknown) => {
    try {
      return act()
    } catch (error) {
      return error
    }
  }
  const missing = thrownBy(() => readFileSync('/nowhere/at/all'))
  t.equal(isErrno(missing), true)
  t.equal(isErrno(missing, 'EIO', 'ENOENT'), true)
  t.equal(isErrno(missing, 'EIO'), false)
  const unsupported = Object.assign(new Error(), { code: getSystemErrorName(-constants.errno.EOPNOTSUPP) })
  t.equal(isErrno(unsupported, 'EOPNOTSUPP'), true, 'as the kernel calls it, as on a tmpfs')
  const wrong = [
    thrownBy(() => readFileSync(/no path/ as never)),
    new Error('ENOENT'),
    { code: 'ENOENT' },
    null,
  ]
  for (const error of wrong) t.equal(isErrno(error), false)
})

t.test('writes a file with its folders and leaves nothing beside it', async (t) => {
  const tree = new Tree(t)
  writeFileAtomic(tree.at('a/b/c'), 'first')
  writeFileAtomic(tree.at('a/b/c'), 'second')
  t.equal(readFileSync(tree.at('a/b/c'), 'utf8'), 'second')
  t.same(readdirSync(tree.at('a/b')), ['c'])
})

t.test('nobody knows the name beside a file before, or reads it while it is written', async (t) => {
  const tree = new Tree(t)
  const beside: { name: string; mode: number }[] = []
  const { openSync } = fs
  fs.openSync = ((...[path, flags, mode]: Parameters<typeof openSync>) => {
    const descriptor = openSync(path, flags, mode)
    if (String(path).endsWith('.new')) {
      beside.push({ name: basename(String(path)), mode: fs.fstatSync(descriptor).mode & 0o777 })
    }
    return descriptor
  }) as typeof openSync
  syncBuiltinESMExports()
  t.teardown(() => {
    fs.openSync = openSync
    syncBuiltinESMExports()
  })
  for (const text of ['first', 'second']) writeFileAtomic(tree.at('note'), text)
  t.match(beside, Array(2).fill({ name: /^\.note\.[0-9a-f]{16}\.new$/, mode: 0o600 }))
  t.not(beside[0]?.name, beside[1]?.name)
  t.ok(
    beside.every(({ name }) => isBeside(name)),
    'and who sweeps knows them',
  )
  t.equal(fs.statSync(tree.at('note')).mode & 0o777, 0o644)
})

t.test('makes folders once, and says when something else is in their place', async (t) => {
  const tree = new Tree(t)
  makeFolder(tree.at('one/two/three'))
  makeFolder(tree.at('one/two/three'))
  t.same(readdirSync(tree.at('one/two')), ['three'])
  tree.write('file', '')
  t.throws(() => makeFolder(tree.at('file/below')), { code: 'ENOTDIR' })
})

t.test('does not replace a folder, and says so', async (t) => {
  const tree = new Tree(t)
  mkdirSync(tree.at('a/folder/inside'), { recursive: true })
  t.throws(() => writeFileAtomic(tree.at('a/folder'), 'text'), { code: 'EISDIR' })
  t.same(readdirSync(tree.at('a')), ['folder'])
})

t.test('a link in place of a file is replaced, not followed', async (t) => {
  const tree = new Tree(t)
  tree.write('precious', 'mine')
  symlinkSync(tree.at('precious'), tree.at('flag'))
  writeFileAtomic(tree.at('flag'), 'new')
  t.equal(readFileSync(tree.at('precious'), 'utf8'), 'mine')
})

for (const [what, make] of Object.entries(hostileFiles)) {
  if (what === 'empty' || what === 'a symlink elsewhere') continue
  t.test(`reading gives the fallback for ${what}`, async (t) => {
    const file = new Tree(t).write('file', '{}')
    make(file)
    t.equal(readTextOr(file, 'fallback'), 'fallback')
    t.equal(readJson(file), undefined)
  })
}

t.test('reading never blocks on a pipe and never exceeds its bound', async (t) => {
  const tree = new Tree(t)
  execFileSync('mkfifo', [tree.at('pipe')])
  t.equal(readTextOr(tree.at('pipe'), 'fallback'), 'fallback')
  t.equal(readTextOr('/dev/zero', 'fallback'), 'fallback')
  const file = tree.write('large', 'x'.repeat(100))
  t.equal(readTextOr(file, 'fallback', 99), 'fallback')
  t.equal(readTextOr(file, 'fallback', 100).length, 100)
})

t.test('reads files whose size the kernel does not tell', async (t) => {
  t.match(readTextOr('/proc/self/status', ''), /^Name:/)
})

t.test('runs a program without a shell', async (t) => {
  t.same(await run('printf', ['%s', '$HOME; ls']), { status: 0, stdout: '$HOME; ls', stderr: '' })
  t.same(await run('cat', [], { input: 'typed' }), { status: 0, stdout: 'typed', stderr: '' })
  t.equal((await run('false', [])).status, 1)
  t.equal((await run('/nowhere/at/all', [])).status, 127)
  t.equal((await run('sleep', ['20'], { timeoutMs: 50 })).status, 137)
})

t.test('a program that cannot be started, or leaves children behind, keeps nobody waiting', async (t) => {
  const module = new URL('../../../orchestrator/host/process.ts', import.meta.url).href
  const script = `import { run } from ${JSON.stringify(module)}
    const { status } = await run('/nowhere/at/all', [], { timeoutMs: 60_000 })
    console.log(status)`
  const start = performance.now()
  const env = { ...process.env, NODE_OPTIONS: '' }
  t.equal(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' }),
    '127\n',
  )
  t.equal((await run('printf', ['a\0b'])).status, 127)
  t.equal((await run('sh', ['-c', 'sleep 30 & wait'], { timeoutMs: 100 })).status, 137)
  t.ok(performance.now() - start < 20_000)
})

t.test('an unsuccessful program is an error with its last words', async (t) => {
  t.equal(await runOrThrow('printf', ['ok']), 'ok')
  await t.rejects(runOrThrow('ls', ['/nowhere']), {
    code: 'command-failed',
    message: /ended with status 2: ls: /,
  })
})

t.test('tells systemd nothing when there is none', async (t) => {
  delete process.env.NOTIFY_SOCKET
  t.equal(sdNotify('READY=1'), false)
  process.env.NOTIFY_SOCKET = '/nowhere/notify'
  t.throws(() => sdNotify('READY=1'), /sendto: No such file/)
  t.doesNotThrow(() => notify('READY=1'))
  delete process.env.NOTIFY_SOCKET
})

t.test('the native calls refuse what is not theirs', async (t) => {
  const file = openSync(new Tree(t).write('file', ''), 'r')
  t.throws(() => setWindowSize(file, 24, 80), /TIOCSWINSZ/)
  t.throws(() => setWindowSize('x' as unknown as number, 24, 80), /expected a number/)
  t.equal(tryLock(file), true)
})

t.test('becomes another program in the same process', async (t) => {
  const module = new URL('../../../orchestrator/host/systemd.ts', import.meta.url).href
  const script = `import { execReplace } from ${JSON.stringify(module)}
    console.log(process.pid); execReplace('/bin/sh', ['-c', 'echo $$ $NOTIFY_SOCKET'])`
  const { stdout, stderr } = await run('env', [
    'NOTIFY_SOCKET=/kept',
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ])
  const [before, after] = stdout.trim().split('\n')
  t.equal(after, `${before} /kept`)
  t.equal(stderr, '', 'without a word about experiments')
})
