import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { connectApi } from '../../orchestrator/api/connect.ts'
import { shellWord } from '../../orchestrator/commands/shell-word.ts'
import { run } from '../../orchestrator/host/process.ts'
import { Tree } from './fixtures/tree.ts'

/** What only a process can show: all else about the command line is tried in the process of its tests. */
const repository = join(import.meta.dirname, '../..')
const binary = join(repository, 'dist/deskvisor')
const programs: [name: string, command: string[], skip: string | false][] = [
  ['main.ts', [process.execPath, join(repository, 'orchestrator/main.ts')], false],
  ['dist/deskvisor', [binary], whyNotBinary()],
]

for (const [name, command, skip] of programs) {
  const deskvisor = (...args: string[]) => runBelow([], ...args)
  /** Below another program, which is given the whole command line. */
  const runBelow = ([file = '', ...before]: string[], ...args: string[]) => {
    const [first = '', ...rest] = [...(file ? [file, ...before] : []), ...command, ...args]
    return run(first, rest)
  }
  const inTerminal = (...args: string[]) =>
    run('script', ['-qec', [...command, ...args].map(shellWord).join(' '), '/dev/null'], { input: '' })

  t.test(`${name}: an answer is on standard output, a complaint on standard error`, { skip }, async (t) => {
    t.match(await deskvisor('--version'), { status: 0, stdout: /^deskvisor \d+\.\d+\.\d+\n$/, stderr: '' })
    t.match(await deskvisor('frobnicate'), { status: 2, stdout: '', stderr: /"frobnicate" is not a command/ })
    const boot = await deskvisor('boot', '--root', new Tree(t).root)
    t.match(boot, { status: 0, stdout: '', stderr: /^Recovery: No operating system is inserted\.\n$/ })
    t.match(await deskvisor('doctor', '--root', new Tree(t).root), {
      status: 1,
      stdout: /PROBLEM/,
      stderr: '',
    })
  })

  t.test(`${name}: a reader that went away is no error`, { skip }, async (t) => {
    const piped = ['bash', '-o', 'pipefail', '-c', '"$@" | head -n 1', 'bash']
    t.same(await runBelow(piped, 'openapi'), { status: 0, stdout: '{\n', stderr: '' })
  })

  t.test(`${name}: a disk goes through pipes`, { skip }, async (t) => {
    const tree = new Tree(t).withCartridge()
    tree.writeData('cartridges/gondor/states/0001/disk.raw', 'x'.repeat(4096))
    const at = ['--root', tree.root]
    const { status, stdout, stderr } = await deskvisor('cartridge', 'export', 'gondor', '-', ...at)
    t.match({ status, stderr }, { status: 0, stderr: '' })
    t.equal(stdout, 'x'.repeat(4096), 'nothing but the disk is in it')
    const [file = '', ...rest] = [...command, 'cartridge', 'import', '-', '--name', 'copy', ...at]
    t.match(await run(file, rest, { input: stdout }), { status: 0 })
    t.equal(readFileSync(tree.data('cartridges/copy/present/disk.raw'), 'utf8'), stdout)
  })

  t.test(`${name}: Ctrl-C cancels the work, and nothing is left of it`, { skip }, async (t) => {
    const tree = new Tree(t)
    const [file = '', ...rest] = [...command, 'cartridge', 'import', '-', '--name', 'gondor']
    const child = spawn(file, [...rest, '--root', tree.root])
    t.teardown(() => child.kill('SIGKILL'))
    child.stdin.on('error', () => {})
    child.stdin.write(Buffer.alloc(1024 * 1024, 7))
    let said = ''
    child.stderr.on('data', (piece) => {
      said += piece
    })
    const begun = () => existsSync(tree.data('cartridges')) && readdirSync(tree.data('cartridges')).length > 0
    while (!begun() || !catches(child.pid, constants.signals.SIGINT)) await sleep(20)
    child.kill('SIGINT')
    const [status] = await once(child, 'exit')
    t.equal(status, 1)
    t.match(said, /It was cancelled/)
    t.same(
      readdirSync(tree.data('cartridges')).filter((name) => !name.startsWith('.')),
      [],
    )
  })

  t.test(`${name}: in a terminal, work shows its progress, and a disk is not typed`, { skip }, async (t) => {
    const tree = new Tree(t).withCartridge()
    const taken = await inTerminal('snapshot', 'take', '--root', tree.root)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a line is written over
    t.match(taken, { status: 0, stdout: /\r\x1b\[K[^\r\n]+\r\x1b\[KThe present of gondor is kept as / })
    const typed = await inTerminal('cartridge', 'import', '-', '--name', 'rohan', '--root', tree.root)
    t.match(typed, {
      status: 2,
      stdout: /Standard input is a terminal; expected a disk image through a pipe/,
    })
  })

  t.test(`${name}: who starts it does not change who may read the disks`, { skip }, async (t) => {
    const modes = async (umask: string) => {
      const tree = new Tree(t)
      const masked = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh']
      const create = ['cartridge', 'create', 'gondor', '--size', '1M', '--root', tree.root]
      t.match(await runBelow(masked, ...create), { status: 0 })
      return readdirSync(tree.data('cartridges'), { recursive: true, encoding: 'utf8' }).map((path) => {
        return `${path} ${statSync(tree.data(join('cartridges', path))).mode.toString(8)}`
      })
    }
    const usual = await modes('022')
    t.match(usual, [/^gondor 40755$/])
    t.same(await modes('077'), usual)
  })

  t.test(`${name} serve: its socket is for root and its group, and it goes with it`, { skip }, async (t) => {
    const tree = new Tree(t)
    const socket = tree.write('run/deskvisor/api.sock', 'left behind')
    const [file = '', ...rest] = [...command, 'serve', '--root', tree.root]
    const daemon = spawn(file, rest, { stdio: 'ignore' })
    t.teardown(() => daemon.kill('SIGKILL'))
    while (statSync(socket, { throwIfNoEntry: false })?.isSocket() !== true) await sleep(20)
    t.equal(statSync(socket).mode & 0o777, 0o660)
    t.same(await connectApi(tree.machine).cartridges(), [])
    t.match(await deskvisor('serve', '--root', tree.root), {
      status: 1,
      stderr: /Another deskvisor serve listens/,
    })
    daemon.kill('SIGTERM')
    t.same(await once(daemon, 'exit'), [0, null])
    t.notOk(existsSync(socket))
  })
}

t.test(
  'the executable does not obey NODE_OPTIONS of whoever starts it',
  { skip: whyNotBinary() },
  async (t) => {
    const hostile = ['NODE_OPTIONS=--require=/nowhere/evil.cjs', 'NODE_NO_WARNINGS=0', binary, '--version']
    t.match(await run('env', hostile), { status: 0, stdout: /^deskvisor /, stderr: '' })
  },
)

t.test('no signal opens a debugger in the executable', { skip: whyNotBinary() }, async (t) => {
  const tree = new Tree(t)
  const daemon = spawn(binary, ['serve', '--root', tree.root], { stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => daemon.kill('SIGKILL'))
  let said = ''
  daemon.stderr.on('data', (piece) => {
    said += piece
  })
  while (!said.includes('Serving on')) await once(daemon.stderr, 'data')
  t.equal(catches(daemon.pid, constants.signals.SIGUSR1), false)
  daemon.kill('SIGUSR1')
  t.same(await connectApi(tree.machine).cartridges(), [], 'it goes on')
  daemon.kill('SIGTERM')
  t.same(await once(daemon, 'close'), [0, null])
  t.notMatch(said, /Debugger/)
})

/** One that is older than what it is made from would only show what was. */
function whyNotBinary(): string | false {
  const made = statSync(binary, { throwIfNoEntry: false })
  if (!made) return 'dist/deskvisor is not built'
  const sources = ['orchestrator', 'tui', 'build']
    .flatMap((folder) => readdirSync(join(repository, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
  const isNewer = sources.some(
    ({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs > made.mtimeMs,
  )
  return isNewer && 'dist/deskvisor is older than its sources'
}

/** Whether a handler for a signal is there, by the mask in proc_pid_status(5). Without one, most signals just end a process. */
function catches(pid: number | undefined, signal: number): boolean {
  const [, caught = '0'] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${caught}`) & (1n << BigInt(signal - 1))) !== 0n
}
